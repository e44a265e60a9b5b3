"""`repgeom check` tries networks out on two images: what there is, what it takes, and what would end in a job."""

import hashlib
import re
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import yaml
from PIL import Image
from supported import SIDE, Quantised
from torch import nn
from torchvision.models import WeightsEnum

from repgeom.activations import streaming
from repgeom.activations.memory import Shares
from repgeom.cli import ROOT, main
from repgeom.config.datasets import ImageFolder
from repgeom.errors import InputError
from repgeom.models.architectures import PixelModel
from repgeom.trial.network import try_network
from repgeom.workflow.plan import READ_ACTIVATIONS, READ_COORDINATES, READ_RDMS
from repgeom.workflow.resources import coordinates_mb

NETWORK = """
import warnings
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, classes=10, wide=4):
        super().__init__()
        self.conv, self.fc = nn.Conv2d(1, wide, 5), nn.Linear(wide * 24 * 24, classes)
    def forward(self, images):
        return self.fc(torch.relu(self.conv(images)).flatten(1))

class Probable(Net):
    def forward(self, images):
        return super().forward(images).softmax(dim=1)

class Mends(Probable):
    def logits(self, images):
        return super(Probable, self).forward(images)

class Maps(Net):
    def forward(self, images):
        return self.conv(images)

class Lazy(Net):
    def __init__(self):
        super().__init__()
        self.fc = nn.LazyLinear(10)

class Fails(Net):
    def forward(self, images):
        return self.fc(images)

class Asks(Net):
    def forward(self, images, mask, *rest, scale, shift=0, **more):
        return super().forward(images * mask)

class Normed(Net):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(10)
    def forward(self, images):
        return self.norm(super().forward(images))

class Frozen(Net):
    def __init__(self):
        super().__init__()
        self.requires_grad_(False)

class Blind(Net):
    @torch.no_grad()
    def forward(self, images):
        return super().forward(images)

class Rounds(Net):
    def forward(self, images):
        return super().forward(images.round())

class Leaves(Net):
    def forward(self, images):
        raise SystemExit(3)

class Lacks(Net):
    def __init__(self):
        import a_library_that_nobody_has

class Descends(Net):
    def forward(self, images):
        x = images.clone().requires_grad_()
        return super().forward(x - torch.autograd.grad(super().forward(x).sum(), x)[0])

class Tells(Net):
    def get_extra_state(self):
        return {"version": 1}

class Takes(Net):
    def forward(self):
        return super().forward(torch.zeros(1, 1, 28, 28))

class Complex(Net):
    def forward(self, images):
        return super().forward(images) * 1j

class Squeezes(Net):
    def forward(self, images):
        return super().forward(images).squeeze()

class Packed(Net):
    def __init__(self):
        super().__init__()
        self.fc.qconfig = torch.ao.quantization.default_dynamic_qconfig
        with warnings.catch_warnings(action="ignore"):
            self.fc = torch.ao.nn.quantized.dynamic.Linear.from_float(self.fc)
"""
CONFIGURATION = {
    "datasets": {"digits": {"source": "digits"}},
    "models": {
        "mine": {
            "architecture": "net.py:Net",
            "dataset": "digits",
            "seeds": [1, 2],
            "training": {"learning_rate": 0.001, "epochs": 2},
        }
    },
    "stimuli": {"few": {"kind": "select", "dataset": "digits", "per_class": 2}},
    "studies": {"mine": {"rdms": {"kind": "rdms", "of": [{"model": "mine", "stimuli": "few", "seeds": "all"}]}}},
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "net.py").write_text(NETWORK)

    def write(model=(), **more):
        configuration = CONFIGURATION | more
        mine = CONFIGURATION["models"]["mine"] | dict(model)
        (tmp_path / "config.yaml").write_text(yaml.safe_dump(configuration | {"models": {"mine": mine}}))
        return ["check", "--directory", str(tmp_path)]

    write.folder = tmp_path
    yield write
    sys.modules.pop("repgeom_user_net", None)


def test_what_there_is_and_what_it_takes(project, capsys):
    assert main(project()) == 0
    said = capsys.readouterr().out
    assert "mine: net.py:Net" in said and "shown images of digits: 5 nodes" in said
    lines = {line.split()[0]: line.split()[1:] for line in said.splitlines() if line.startswith("    ")}
    assert lines["input"] == ["1", "×", "28", "×", "28"] and lines["conv"] == ["4", "×", "24", "×", "24"]
    assert lines["fc"] == ["10"]
    features = 28 * 28 + 2 * 4 * 24 * 24 + 4 * 24 * 24 + 10  # input, conv and relu, flatten, fc
    assert f"about {2 * 20 * features * 4 / 1e6:.3g} MB of activations" in said
    assert "good: 1 dataset, 1 model, 1 stimulus set" in said


def test_images_of_which_a_network_makes_the_same_are_told_together(project, capsys):
    datasets = CONFIGURATION["datasets"] | {"letters": {"source": "letters"}}
    stimuli = CONFIGURATION["stimuli"] | {"more": {"kind": "select", "dataset": "letters", "per_class": 2}}
    assert main(project(datasets=datasets, stimuli=stimuli, **of(stimuli=["few", "more"]))) == 0
    assert "shown images of digits, letters: 5 nodes" in (said := capsys.readouterr().out)
    assert said.count("    conv ") == 1


def test_activations_that_are_not_kept_take_no_room(project, capsys):
    assert main(project(keep_activations=False)) == 0
    assert "about 0 B of activations" in capsys.readouterr().out


def test_of_activations_that_are_read_what_is_read_takes_room(project, capsys):
    read = {"kind": "generalisation", "rated": "few", "of": [{"model": "mine", "stimuli": "few", "nodes": ["fc"]}]}
    assert main(project(keep_activations=False, studies=CONFIGURATION["studies"] | {"more": {"ratings": read}})) == 0
    assert f"about {20 * 10 * 4} B of activations" in capsys.readouterr().out  # 10 classes, of the first seed


AT_CONV = 4 * 20 * 4 * 24 * 24  # bytes of 20 stimuli
IN_WEIGHTS = 4 * (4 * 25 + 4 + 10 * 4 * 24 * 24 + 10)


@pytest.fixture
def held(monkeypatch):
    """So many bytes are left of a job's memory beside the weights; what is asked for is told."""
    asked = []

    def leave(size):
        monkeypatch.setattr(streaming, "share_out", lambda *given: asked.append(given) or Shares(7, size + IN_WEIGHTS))
        return asked

    return leave


def test_several_passes_are_told_beforehand(project, held, capsys):
    asked = held(AT_CONV)
    assert main(project(keep_activations=False)) == 0
    said = [line for line in capsys.readouterr().out.splitlines() if "passes" in line]
    assert len(said) == 1 and "7 stimuli at once; about" in said[0]
    assert re.match(r"  shown few, in 3000 MB: 5 nodes of 20 stimuli in [2-9] passes, which hold at most", said[0])
    assert asked == [(3000e6 + IN_WEIGHTS, 4 * 4 * 24 * 24, 20, 100, 20)]  # largest node, stimuli, batch, columns


def test_networks_that_fit_at_once_are_left_alone_as_are_files_of_activations(project, held, capsys):
    asked = held(10 * AT_CONV)
    assert main(project(keep_activations=False)) == 0 and len(asked) == 1
    assert "pass" not in capsys.readouterr().out
    assert main(project()) == main(project(keep_activations=False, rdms_from="activations")) == 0 and len(asked) == 1


def test_a_job_that_would_not_have_enough_memory_is_told(project, capsys):
    command = [*project(keep_activations=False), "--set-resources"]
    assert main([*command, "coordinates:mem_mb=100"]) == 1
    said = capsys.readouterr().err
    assert (
        "models.mine: shown 'few': 0 MB are needed to hold some features of 20 stimuli at node 'input', and 0" in said
    )
    assert main([*command, "coordinates:mem_mb=100000", "decoding:mem_mb=1"]) == 0


@pytest.mark.parametrize("given, expected", [
    ([], 3000),
    (["coordinates:mem_mb=8000"], 8000),
    (["coordinates:mem=8GB", "train:mem_mb=attempt * 2"], 8000),
    (["coordinates:mem_mb=attempt * 5000", "coordinates:runtime=3"], 5000),
    (["activations:mem_mb=9000"], 3000),
])  # fmt: skip
def test_memory_of_a_job_is_what_snakemake_is_told(given, expected):
    assert coordinates_mb(given) == expected


@pytest.mark.parametrize("given", ["coordinates", "coordinates:mem_mb=much", "coordinates:mem_mb=input.size_mb"])
def test_memory_that_cannot_be_told_beforehand(given):
    with pytest.raises(InputError, match=f"set-resources {re.escape(given)}: not .*; write coordinates:mem_mb=8000"):
        coordinates_mb([given])


@pytest.mark.parametrize("written", ["[coordinates:mem_mb=100]", "{coordinates: {mem_mb: 100}}"])
def test_a_profile_tells_the_memory_of_jobs(project, capsys, written):
    profile = project.folder / "mine"
    profile.mkdir()
    (profile / "config.yaml").write_text(f"jobs: 3\nset-resources: {written}\n")
    command = [*project(keep_activations=False), "--workflow-profile", str(profile)]
    assert main(command) == 1 and "to hold some features of 20 stimuli" in capsys.readouterr().err
    assert main([*command, "--set-resources", "coordinates:mem_mb=3000"]) == 0
    assert coordinates_mb(profile=str(ROOT / "profiles/slurm")) == 3000
    assert main([*project(), "--workflow-profile", str(project.folder / "none")]) == 1
    assert "none: no folder with a config.yaml; name one, such as profiles/slurm" in capsys.readouterr().err


def test_which_kinds_read_coordinates_is_as_rules_say():
    entries = {}
    for name in ("figures", "measures"):
        parts = re.split(r'\n    "(\w+)": dict\(', (ROOT / f"rules/{name}.smk").read_text())
        entries[name] = dict(zip(parts[1::2], parts[2::2], strict=True))

    def reading(*wanted):
        measures = [
            f'measures("{name}"' for name, text in entries["measures"].items() if any(w in text for w in wanted)
        ]
        return {name for name, text in entries["figures"].items() if any(w in text for w in (*wanted, *measures))}

    assert reading("artifacts.COORDINATES") == READ_COORDINATES
    assert reading("artifacts.RDMS", "ANALYSIS.rdms") == READ_RDMS
    assert reading("artifacts.ACTIVATIONS") == READ_ACTIVATIONS


def test_a_networks_own_parts_may_be_left_out_of_the_check(project, capsys):
    assert main([*project({"architecture": "nowhere.py:Net"}), "--only-configuration"]) == 0


def of(**keys):
    return {"studies": {"mine": {"rdms": {"kind": "rdms", "of": [{"model": "mine", "stimuli": "few"} | keys]}}}}


TRAINING = CONFIGURATION["models"]["mine"]["training"]
WEIGHTS = {"source": {"path": "w.pth"}, "training": None, "seeds": [1]}
ATTACKED = {
    "stimuli": CONFIGURATION["stimuli"] | {"hit": {"kind": "attack", "of": "few", "attack": {"epsilon": 0.1}}},
    "studies": {"mine": {"rdms": {"kind": "rdms", "of": [{"model": "mine", "stimuli": "hit"}]}}},
}
SHAPES = {"conv": (4, 1, 5, 5), "fc": (7, 4 * 24 * 24)}
BIASES = {f"{name}.bias": torch.zeros(shape[0]) for name, shape in SHAPES.items()}
FAULTS = {
    "a file": ({"architecture": "nowhere.py:Net"}, {}, "models.mine: architecture: no such file nowhere.py"),
    "a class": ({"architecture": "net.py:Nett"}, {}, "no torch.nn.Module called 'Nett'"),
    "options": ({"options": {"classses": 3}}, {}, "models.mine: architecture 'net.py:Net' with options {'classses': 3}"),
    "outputs": ({"options": {"classes": 3}}, {}, "models.mine: it has 3 outputs, but 'digits' 10 classes"),
    "probabilities": ({"architecture": "net.py:Probable"}, {}, "returns probabilities, but is trained on logits"),
    "maps": ({"architecture": "net.py:Maps"}, {}, "models.mine: it returns shape [4, 24, 24] for one image, no logits"),
    "forward": ({"architecture": "net.py:Fails"}, {}, "models.mine: the network fails on images of 1 × 28 × 28 (RuntimeError: "),
    "sizes that are left open": ({"architecture": "net.py:Lazy"}, {}, "'net.py:Lazy' leaves the size of 'fc.weight' open"),
    "nodes of a study": ({}, of(nodes=["convv"]), "studies.mine.rdms.of.nodes: 'mine' shown 'few' has no node 'convv'; did you mean 'conv'"),
    "nodes of a model": ({"nodes": ["fcc"]}, {}, "models.mine or stimuli.few says to record: 'mine' has no node 'fcc'"),
    "nodes that are not recorded": ({"nodes": ["fc"]}, of(nodes=["conv"]), "'mine' shown 'few' has no node 'conv'; known: fc"),
    "channels": ({"normalise": [[0, 0, 0], [1, 1, 1]]}, {}, "normalise has 3 values, but the images 1 channels"),
    "more than images": ({"architecture": "net.py:Asks"}, {}, "'net.py:Asks' asks for mask, scale besides images"),
    "a package": ({"architecture": "net.py:Lacks"}, {}, "'net.py:Lacks' with options {}: ModuleNotFoundError: No module named"),
    "an end of the program": ({"architecture": "net.py:Leaves"}, {}, "models.mine: the network fails (SystemExit: 3)"),
    "gradients inside": ({"architecture": "net.py:Descends"}, {}, "models.mine: the network takes gradients inside forward, and is run without; put `with torch.enable_grad():` around"),
    "no images to take": ({"architecture": "net.py:Takes"}, {}, "'net.py:Takes' has a forward that takes nothing"),
    "more than weights": ({"architecture": "net.py:Tells"}, {}, "'net.py:Tells' returns a dict as '_extra_state' of its state dict (get_extra_state)"),
    "complex answers": ({"architecture": "net.py:Complex"}, {}, "models.mine: it returns complex numbers, no logits"),
    "a batch of one, squeezed": ({"architecture": "net.py:Squeezes", "training": TRAINING | {"batch_size": 1279}}, {}, "training fails on a batch of one image (it answers with shape [10])"),
    "packed weights": ({"architecture": "net.py:Packed"}, {}, "'net.py:Packed' has no plain numbers in 'fc."),
    "a batch of one": ({"architecture": "net.py:Normed", "training": TRAINING | {"batch_size": 1279}}, {}, "models.mine: training fails on a batch of one image (ValueError: Expected more than 1 value per channel"),
    "nothing to train": ({"architecture": "net.py:Frozen"}, {}, "models.mine: it has no weights to train"),
    "no gradient": ({"architecture": "net.py:Blind"}, {}, "models.mine: it cannot be trained, since its answers have no gradient"),
    "no gradient of images": ({"architecture": "net.py:Rounds"}, ATTACKED, "models.mine: it cannot be attacked, since no gradient reaches"),
    "weights that are not there": (WEIGHTS | {"source": {"path": "nowhere.pth"}}, {}, "nowhere.pth: no such file of published weights"),
    "weights for other classes": (WEIGHTS, {}, "models.mine: w.pth: 'fc.weight' has shape (7, 2304), Net needs (10, 2304)"),
    "no images": ({"dataset": "own"}, {"datasets": CONFIGURATION["datasets"] | {"own": {"source": "folder", "path": "nowhere"}}}, "datasets.own: nowhere: no such folder"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_what_would_end_in_a_job_is_told(fault, project, capsys):
    model, more, message = FAULTS[fault]
    torch.save({f"{n}.weight": torch.ones(s) for n, s in SHAPES.items()} | BIASES, project.folder / "w.pth")
    assert main(project(model, **more)) == 1
    assert message in capsys.readouterr().err


def test_weights_that_fit_and_batches_that_suffice_are_fine(project, capsys):
    shapes = SHAPES | {"fc": (10, 4 * 24 * 24)}
    state = {f"model.{n}.{w}": torch.ones(s[: 4 if w == "weight" else 1]) for n, s in shapes.items() for w in ("weight", "bias")}  # fmt: skip
    torch.save(state | {"loss": torch.ones(1)}, project.folder / "w.pth")
    assert main(project(WEIGHTS)) == 0
    assert "w.pth: not of this network, and left out: loss" in capsys.readouterr().out
    dropped = TRAINING | {"batch_size": 1279, "drop_last": True}
    assert main(project({"architecture": "net.py:Normed", "training": dropped}, **ATTACKED)) == 0
    assert main(project({"architecture": "net.py:Rounds"})) == 0  # trained, not attacked


@pytest.fixture
def downloaded(project, monkeypatch):
    """A file of weights where downloads are kept."""
    monkeypatch.delenv("REPGEOM_DATA_DIR", raising=False)
    (project.folder / "data/weights").mkdir(parents=True)
    torch.save({f"{n}.weight": torch.ones(s) for n, s in SHAPES.items()} | BIASES, project.folder / "w.pth")
    digest = hashlib.sha256((project.folder / "w.pth").read_bytes()).hexdigest()
    (project.folder / "w.pth").rename(project.folder / f"data/weights/{digest}.pth")
    return digest


def test_weights_that_have_been_downloaded_are_put_in(project, downloaded, capsys):
    source = {"url": "http://127.0.0.1:9/w.pth", "sha256": downloaded}
    assert main(project(WEIGHTS | {"source": source})) == 1
    assert f"{downloaded}.pth: 'fc.weight' has shape (7, 2304), Net needs (10, 2304)" in capsys.readouterr().err
    assert main(project(WEIGHTS | {"source": source | {"sha256": "0" * 64}})) == 0
    assert "its weights have not been put in, as they cannot be fetched now: " in capsys.readouterr().out


def test_pretrained_weights_are_put_in_where_they_are_here(project, downloaded, monkeypatch, capsys):
    url = f"https://example.org/squeezenet1_0-{downloaded[:8]}.pth"
    monkeypatch.setattr(WeightsEnum, "url", property(lambda _: url))
    (project.folder / "faces/ann").mkdir(parents=True)
    for i in range(2):
        Image.new("RGB", (32, 32)).save(project.folder / f"faces/ann/{i}.png")
    command = project(
        {"architecture": "torchvision:squeezenet1_0", "source": {"pretrained": "IMAGENET1K_V1"}, "nodes": ["input"]}
        | {"dataset": None, "training": None, "seeds": [1]},
        datasets={"faces": {"source": "folder", "path": "faces", "mode": "rgb"}},
        stimuli={"few": {"kind": "select", "dataset": "faces", "first": 2}},
        studies={"mine": {"shown": {"kind": "rdms", "of": [{"model": "mine", "stimuli": "few"}]}}},
    )
    assert main(command) == 0
    assert "its weights are not here yet, and have not been put in" in capsys.readouterr().out
    file = project.folder / f"data/weights/{downloaded}.pth"
    file.rename(file.with_name(url.rpartition("/")[2]))
    assert main(command) == 1
    assert "'conv.weight' is no weight of SqueezeNet" in capsys.readouterr().err


def test_stimuli_that_are_named_one_by_one_take_room(project, capsys):
    (project.folder / "faces").mkdir()
    for i in range(3):
        Image.new("L", (28, 28), i).save(project.folder / f"faces/{i}.png")
    few = {"stimuli": {"few": {"kind": "select", "dataset": "faces", "ids": ["[01].png"]}}}
    untrained = {"source": {"untrained": True}, "training": None, "dataset": None, "seeds": [1], "nodes": ["fc"]}
    assert main(project(untrained, datasets={"faces": {"source": "folder", "path": "faces"}}, **few)) == 0
    assert f"about {2 * 10 * 4} B of activations and {(2 + 2) * 3 * 8} B of coordinates" in capsys.readouterr().out


def test_networks_that_attack_and_that_others_start_with_are_tried(project, capsys):
    command = project()
    written = yaml.safe_load((file := project.folder / "config.yaml").read_text())
    models = written["models"]
    models["first"] = models["mine"] | {"label": "first", "architecture": "net.py:Probable"}
    models["mine"]["start"] = "first"
    models["mine"]["architecture"] = "net.py:Probable"
    models["other"] = CONFIGURATION["models"]["mine"] | {"label": "other", "architecture": "net.py:Rounds"}
    written["stimuli"]["hit"] = {"kind": "attack", "of": "few", "model": "other", "attack": {"epsilon": 0.1}}
    written["studies"]["mine"]["rdms"]["of"][0]["stimuli"] = "hit"
    file.write_text(yaml.safe_dump(written))
    assert main(command) == 1
    said = capsys.readouterr().err
    assert "models.first: it returns probabilities" in said
    assert "models.other: it cannot be attacked, since no gradient reaches its images" in said


def test_probabilities_beside_logits_are_fine(project):
    assert main(project({"architecture": "net.py:Mends"})) == 0


def test_ones_own_images_are_shown(project, capsys):
    for i, shape in enumerate([(30, 40, 3), (50, 30, 3)]):
        pixels = np.full(shape, 100 * i, np.uint8)
        (project.folder / "faces").mkdir(exist_ok=True)
        Image.fromarray(pixels).save(project.folder / f"faces/{i}.png")
    (project.folder / "faces/Thumbs.db").write_text("nothing")
    folder = {"source": "folder", "path": "faces", "mode": "grey"}
    more = {"stimuli": {"few": {"kind": "select", "dataset": "faces", "first": 2}}}
    untrained = {"source": {"untrained": True}, "training": None, "dataset": None}
    assert main(project(untrained, datasets={"faces": folder | {"size": [28, 28]}}, **more)) == 0
    assert "shown images of faces" in capsys.readouterr().out
    assert main(project(untrained, datasets={"faces": folder}, **more)) == 1
    assert "datasets.faces: " in (said := capsys.readouterr().err) and "set a size" in said and "models" not in said
    Image.new("I;16", (28, 28)).save(project.folder / "faces/9.png")  # not among the two that are shown
    assert main(project(untrained, datasets={"faces": folder | {"size": [28, 28]}}, **more)) == 1
    assert "datasets.faces: faces/9.png has Pillow mode I;16: save it as 8-bit grey" in capsys.readouterr().err


def test_images_are_looked_at_once_for_all_networks(project, monkeypatch):
    (project.folder / "faces").mkdir()
    for i in range(2):
        Image.new("L", (28, 28), i).save(project.folder / f"faces/{i}.png")
    folder = {"source": "folder", "path": "faces", "mode": "grey"}
    few = {"kind": "select", "dataset": "faces", "first": 2}
    command = project({"source": {"untrained": True}, "training": None, "dataset": None}, datasets={"faces": folder})
    written = yaml.safe_load((file := project.folder / "config.yaml").read_text())
    written["models"]["other"] = written["models"]["mine"] | {"label": "other"}
    written["stimuli"] = {"few": few}
    written["studies"]["mine"]["rdms"]["of"][0]["model"] = ["mine", "other"]
    file.write_text(yaml.safe_dump(written))
    looks, look = [], ImageFolder.look
    monkeypatch.setattr(ImageFolder, "look", lambda section: [looks.append(section.path), look(section)])
    assert main(command) == 0
    assert looks == ["faces"]


def test_it_is_told_which_of_several_tensors_is_the_answer():
    class Several(nn.Module):
        def __init__(self, **names):
            super().__init__()
            self.fc, self.names = nn.Linear(16, 3), names

        def forward(self, images):
            x = images.flatten(1)
            return {name: self.fc(x) if is_answer else x for name, is_answer in self.names.items()}

    images = torch.rand(2, 1, 4, 4)
    (note,) = try_network(PixelModel(Several(pooled=False, classes=True)), images).notes
    assert note.startswith("it returns pooled, classes; pooled is taken for its answer: call the logits logits or out")
    named = try_network(PixelModel(Several(pooled=False, out=True)), images)
    assert not named.notes and named.outputs == (3,)


def test_what_depends_on_the_images_beside_an_image_is_told():
    class Against(nn.Module):
        def __init__(self, reference):
            super().__init__()
            self.fc, self.reference = nn.Linear(16, 3), reference

        def forward(self, images):
            x = images.flatten(1)
            return self.fc(x - self.reference(x))

    images = torch.rand(2, 1, 4, 4)
    for reference in (lambda x: x.mean(dim=0), torch.rand_like):
        (note,) = try_network(PixelModel(Against(reference)), images).notes
        assert "depend on which images are shown together, or on chance" in note
    assert not try_network(PixelModel(Against(lambda x: x.mean(dim=1, keepdim=True))), images).notes
    # In steps that the largest value of all decides, as of own quantisation; both images have the same largest value.
    images = torch.stack([images[0], images[0].flip(-1)])
    (note,) = try_network(PixelModel(Against(lambda x: x.remainder(x.max() / 7))), images).notes
    assert "depend on which images are shown together" in note


@pytest.mark.parametrize("kept", ["attribute", "object", "buffer", "count"])
def test_what_a_network_remembers_is_told_and_forgotten(kept):
    class Remembers(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc, self.state, self.count = nn.Linear(16, 3), SimpleNamespace(mean=torch.zeros(16)), 0
            self.register_buffer("buffer", torch.zeros(16))
            self.last = None

        def forward(self, images):
            x = images.flatten(1)
            past = {
                "attribute": 0 if self.last is None else self.last,
                "object": self.state.mean,
                "buffer": self.buffer,
            }
            answer = self.fc(x + past.get(kept, self.count))
            self.last = self.state.mean = x.detach().mean(dim=0)
            self.count += 1
            self.buffer.add_(x.detach().mean(dim=0))
            return answer

    network, images = Remembers().eval(), torch.rand(2, 1, 4, 4)
    notes = try_network(PixelModel(network), images).notes
    assert sum("when it is shown the same images again: it remembers what it saw before" in note for note in notes) == 1
    assert isinstance(network.state.mean, torch.Tensor)


def test_layers_that_torch_does_not_find_are_told():
    class Lists(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.layers = nn.Linear(16, 9), [nn.Linear(9, 9), nn.Linear(9, 3)]
            self.known = [self.first]

        def forward(self, images):
            x = self.first(images.flatten(1))
            for layer in self.layers:
                x = layer(x)
            return x

    notes = try_network(PixelModel(Lists()), torch.rand(2, 1, 4, 4)).notes
    assert [note for note in notes if "does not find" in note] == [notes[0]] and "'layers'" in notes[0]


def test_what_is_quantised_by_the_batch_is_shown_image_by_image():
    (note,) = try_network(PixelModel(Quantised().eval()), torch.rand(2, 1, SIDE, SIDE)).notes
    assert note.startswith("'fc' is quantised dynamically") and note.endswith("each image is shown by itself")


def test_the_answer_tells_probabilities_from_logits():
    images = torch.rand(2, 1, 4, 4)
    flat = nn.Sequential(nn.Flatten(), nn.Linear(16, 3))
    for last, is_probability in ((nn.Softmax(1), True), (nn.LogSoftmax(1), False), (nn.Sigmoid(), False)):
        assert try_network(PixelModel(nn.Sequential(flat, last)), images).probabilities == is_probability


def test_what_is_tried_is_what_will_be_recorded():
    class Caches(nn.Module):
        """Makes its mask when it first runs."""

        def __init__(self):
            super().__init__()
            self.fc, self.mask = nn.Linear(16, 3), None

        def forward(self, images):
            if self.mask is None or len(self.mask) < images.shape[1]:
                self.mask = torch.ones(images.shape[1])
            return self.fc(images.flatten(1)) * self.mask[0]

    network = Caches()
    trial = try_network(PixelModel(network), torch.rand(2, 1, 4, 4))
    assert list(trial.nodes) == ["input", "flatten", "fc", "mul"] and not trial.notes
