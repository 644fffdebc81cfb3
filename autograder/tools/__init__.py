"""Tools for those who maintain the course; neither grading nor students need them."""
