"""Loading a dataset as the configuration describes it, or listing its images without their pixels."""

from repgeom.datasets.images import LabelledImages


def load_dataset(section: dict, data_dir: str) -> dict[str, LabelledImages]:
    """The splits of a dataset.

    Parameters
    ----------
    section : dict
        As in the configuration: `source`, and what that source needs.
    data_dir : str
        Where the full files of MNIST and Fashion-MNIST lie or are downloaded to.
    """
    source = section["source"]
    if source == "digits":
        from repgeom.datasets.digits import load_digits

        return load_digits()
    if source == "letters":
        from repgeom.datasets.letters import draw_letters

        return draw_letters(section["train_per_class"], section["test_per_class"], section["seed"])
    if source == "folder":
        from repgeom.datasets.folder import load_folder

        options = {name: section[name] for name in ("mode", "size", "labels", "class_column")}
        return load_folder(section["path"], **options)
    if source == "arrays":
        from repgeom.datasets.arrays import load_arrays

        return load_arrays(section["path"], section, section["class_names"])
    from repgeom.datasets.bundled import BUNDLED
    from repgeom.datasets.idx import SOURCES, load_idx
    from repgeom.resources import FOLDER

    if source in BUNDLED:
        return load_idx(BUNDLED[source], FOLDER)
    return load_idx(SOURCES[source], data_dir)


def list_dataset(section: dict) -> dict[str, LabelledImages]:
    """The splits of a dataset without its pixels, which need not be right: enough to choose images and count them.

    Parameters
    ----------
    section : dict
        As in the configuration.

    Returns
    -------
    dict
        Split → images; nothing where these are drawn on the fly, or may have to be downloaded first.
    """
    source = section["source"]
    if source == "folder":
        from repgeom.datasets.folder import list_labelled

        return list_labelled(section["path"], section["labels"], section["class_column"])
    if source == "arrays":
        from repgeom.datasets.arrays import list_arrays

        return list_arrays(section["path"], section, section["class_names"])
    if source == "letters":
        from repgeom.datasets.letters import list_letters

        return list_letters(section["train_per_class"], section["test_per_class"])
    from repgeom.datasets.bundled import BUNDLED

    return load_dataset(section, "") if source == "digits" or source in BUNDLED else {}
