"""Where programs start: settings, the one composition root, and the doors in."""
