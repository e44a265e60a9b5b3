"""Weights in place of training, put into the network that they are for, as far as they are at hand."""

from torch import nn

from repgeom.config.configuration import Configuration
from repgeom.datasets.download import NotDeliveredError
from repgeom.models.known_weights import Checksum
from repgeom.models.nodes import library_networks, library_of
from repgeom.models.published import find_published, load_published
from repgeom.workflow.sources import data_folder


def take_weights(c: Configuration, model: str, network: nn.Module) -> list[str]:
    """Copy the weights of a model into its network: from a file here, or from an address where it answers.

    Published weights of libraries are large, and only put in where they are here already.

    Returns
    -------
    list of str
        What is left out of a file, and whether the weights have not been put in.

    Raises
    ------
    InputError
        They are not those of the network.
    """
    notes: list[str] = []
    section, folder = c.models[model], data_folder(c)
    source = section.source
    checksum = Checksum(*source.checksum()) if source and source.checksum() else None
    file = source.path if source else None
    if source and source.pretrained:
        library, name = library_of(section.architecture)
        file = library_networks(library).weights_here(name, source.pretrained, folder)
        notes += [] if file else ["its weights are not here yet, and have not been put in"]
    elif source and source.url:
        try:
            file = find_published(source.url, folder, checksum)
        except NotDeliveredError as error:
            told = " ".join(str(error).split())
            notes.append(f"its weights have not been put in, as they cannot be fetched now: {told}")
    if file:
        load_published(network, file, checksum, notes.append)
    return notes
