# created by LinkChecker at 2025-10-02 11:20:44+000

graph [
  directed 1
  node [
    id     0
    label  "The coast"
    url  "https://blog.maps.example/coast/"
    size 1024
    extern 0
  ]
  node [
    id     1
    label  "Maps"
    url  "https://target.example/maps/"
    size 1024
    extern 1
  ]
  node [
    id     2
    label  "About"
    url  "https://blog.maps.example/about"
    size 1024
    extern 1
  ]
  edge [
    label  "old maps"
    source 0
    target 1
    valid  1
  ]
  edge [
    label  "about"
    source 0
    target 2
    valid  1
  ]
  edge [
    label  "gone"
    source 0
    target 9
    valid  1
  ]
]
