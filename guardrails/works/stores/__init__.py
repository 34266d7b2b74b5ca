"""Where works are kept: in memory, in a folder, or on a server; all behind one seam."""
