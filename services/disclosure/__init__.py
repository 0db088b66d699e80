"""What may the public see, was it published in time."""
