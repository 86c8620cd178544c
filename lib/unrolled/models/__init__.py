"""One file a model: parameters, loss, generation. They wire cells and layers together, draw nothing, train nothing."""
