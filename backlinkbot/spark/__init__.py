"""Runs the work of ``mine`` and ``verify`` as Apache Spark jobs; only this room imports pyspark."""
