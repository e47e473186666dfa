"""The nodes of this site: which are alive, who is connected to which, and how to take one out."""
