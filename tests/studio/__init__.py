"""The studio in a browser. It is a package for the sake of fixtures that live as long as all of these tests."""
