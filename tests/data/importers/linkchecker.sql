-- created by LinkChecker at 2025-10-02 11:20:44+000
-- Read the documentation at https://linkchecker.example/
insert into linksdb(urlname,parentname,baseref,valid,result,warning,info,url,line,col,name,checktime,dltime,size,cached,level,modified) values ('https://target.example/maps/','https://blog.maps.example/coast/',NULL,1,'200 OK',NULL,NULL,'https://target.example/maps/',12,5,'Ann''s old maps, (all)',0,0,1024,0,1,NULL);
insert into linksdb(urlname,parentname,baseref,valid,result,warning,info,url,line,col,name,checktime,dltime,size,cached,level,modified) values ('https://blog.maps.example/coast/',NULL,NULL,1,'200 OK',NULL,NULL,'https://blog.maps.example/coast/',NULL,NULL,NULL,0,0,1024,0,0,NULL);
insert into linksdb(urlname,parentname,baseref,valid,result,warning,info,url,line,col,name,checktime,dltime,size,cached,level,modified) values ('cut off
-- Stopped checking at 2025-10-02 11:20:45+000 (1 seconds)
