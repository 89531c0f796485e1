"""Runs the work of ``mine`` as Apache Spark jobs; only this room imports pyspark."""
