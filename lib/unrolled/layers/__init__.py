"""What stands between the cells: linear maps, embeddings, attention, convolution, losses, and first weights."""

from unrolled.layers.convolution import conv2d
from unrolled.layers.dense import dropout, embedding, linear
from unrolled.layers.initializers import gaussian, glorot, orthogonal, scaled_identity, with_spectral_radius
from unrolled.layers.losses import cross_entropy, squared_error
