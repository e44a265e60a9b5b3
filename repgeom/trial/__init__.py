"""Trying the networks of a configuration out on two images, before anything is computed.

What would else end in a job after an hour of training ends here: options that the constructor refuses, imports that are
not found, images that do not fit, too few outputs, probabilities where logits are expected, nodes that are not there.
"""
