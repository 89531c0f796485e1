"""Text for a terminal: tables that fit its width, a status line, progress bars, and the summary of a run."""
