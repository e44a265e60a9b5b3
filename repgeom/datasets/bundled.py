"""The first images of MNIST and Fashion-MNIST, which lie in the project's folder `resources`.

They are the images of the full datasets with the same indices, in the same order and under the same ids.
`resources/bundle_images.py` makes the files.
"""

from dataclasses import replace

from repgeom.datasets.idx import FASHION_MNIST, MNIST, IdxSource

N_IMAGES = {"train": 10_000, "test": 2_000}


def _first(source: IdxSource, sha256: dict[str, str]) -> IdxSource:
    return replace(source, sha256=sha256, mirrors=())


BUNDLED = {
    "mnist-10k": _first(
        MNIST,
        {
            "train-images-idx3-ubyte": "2889698e6bc3614913e76901316712919d1998fc2b44512451bfe65bc1e668b1",
            "train-labels-idx1-ubyte": "651e38e2ac0632f5113ec18f1df4977117f953197819034009971a6675a0df78",
            "t10k-images-idx3-ubyte": "3f6bd66dee48df299584c67669bceee490faa25f931496bd7473b42106d7daed",
            "t10k-labels-idx1-ubyte": "7b098e5f6a3065807cebeabf36fb1724a8aff19f2673ac08b4923e0e8c715bce",
        },
    ),
    "fashion-mnist-10k": _first(
        FASHION_MNIST,
        {
            "train-images-idx3-ubyte": "ed2e37ed5a3a57d212141a69fe0a0de5a7126ffba14ac3f7e76f5f52cc04b1f0",
            "train-labels-idx1-ubyte": "a69f2dad024ca220a8c4d85f621fdf929042d40c444abde2868903e9220ad517",
            "t10k-images-idx3-ubyte": "862035b0a96959b614c9574f4c2b0ae9584ca234813e8d6d7adb7838b12ca46b",
            "t10k-labels-idx1-ubyte": "aa3f574d30afaf0d4d9da084a6f8541771e20693d6a97fae6e9a4953fca8f078",
        },
    ),
}
