"""Runs the work of ``mine`` and ``verify`` as Apache Spark jobs; only this package imports pyspark."""
