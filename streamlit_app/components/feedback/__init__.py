"""The parts of the feedback page: the queue, how versions stand, the inbox of suggestions."""
