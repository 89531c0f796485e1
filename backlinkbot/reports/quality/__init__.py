"""Quality markers: observable signs of good and bad links, with evidence."""
