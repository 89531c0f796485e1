"""What kind of answer a response is: an ordinary page, a wall, a soft 404, a target's status."""
