"""Every fault of a configuration is one clear message: which key, what was found, what would be right."""

import datetime

import pytest
from example_configuration import EXAMPLE, REMOVED, changed, loaded

from repgeom.config.configuration import load_configuration
from repgeom.errors import InputError

STANDARD = "models.standard"
TRAINING = "models.standard.training"

PERTURBED = {"kind": "perturb", "of": "test20", "perturbation": {"method": "blur", "strength": 1}}
IMPORTED = {"architecture": "lenet", "dataset": "digits", "seeds": [1], "source": {"path": "a.pth", "md5": "0" * 32}}

SIMULATED = {"model": "standard", "node": "fc1", "stimuli": "test5"}
BAD = [
    ("devise", "cpu", "devise: unknown key; did you mean 'device'?"),
    ("device", "gpu", "device: expected 'auto', 'cpu' or 'cuda', found 'gpu'"),
    ("device", 1, "device: expected 'auto', 'cpu' or 'cuda', found 1"),
    ("batch_size", 0, "batch_size: should be greater than or equal to 1, found 0"),
    ("batch_size", "many", "batch_size: expected a whole number, found 'many'"),
    ("datasets", REMOVED, "datasets: missing; add it"),
    ("datasets.digits.source", "digit", "datasets.digits.source: found 'digit'; did you mean 'digits'?"),
    ("datasets.digits", {}, "datasets.digits: needs the key 'source'"),
    ("datasets.letters.train_per_clas", 5, "datasets.letters.train_per_clas: unknown key; did you mean 'train_per_class'?"),
    ("datasets.letters.seed", -1, "datasets.letters.seed: should be greater than or equal to 0, found -1"),
    ("datasets.clutter.domains", ["digits"], "datasets.clutter.domains: should have at least 2 items"),
    ("datasets.clutter.domains", ["digits", "leters"], "datasets.clutter.domains.1: no such name 'leters'; did you mean 'letters'?"),
    ("datasets.clutter.domains", ["digits", "clutter"], "domains.1: 'clutter' holds canvases itself"),
    ("datasets.clutter.held_out", 2000, "held_out: 2000 training images kept for validation, but 'digits' has about 1000"),
    ("datasets.clutter.positions", [10, 50], "datasets.clutter: clutter: positions (10.0, 50.0) lie outside a canvas of 40 px"),
    ("datasets.clutter.scales", [0.66, 0.4], "clutter: scales must be two finite numbers, low then high"),
    ("models.rcnn.options.canvas", [100, 100], "models.rcnn.options.canvas: [100, 100], but canvases of 'clutter' measure [40, 40]"),
    ("models.rcnn.training.iterations", REMOVED, "models.rcnn.training.iterations: missing; canvases are drawn on the fly"),
    ("models.rcnn.training.drop_last", True, "models.rcnn.training.drop_last: canvases are drawn on the fly; leave it out"),
    (f"{TRAINING}.iterations", 10, "models.standard.training.iterations: only for datasets with source: clutter"),
    ("stimuli.cluttered.dataset", "digits", "stimuli.cluttered.dataset: 'digits' has no canvases"),
    ("stimuli.cluttered.version", "cleen", "stimuli.cluttered.version: expected 'cluttered', 'clean'"),
    ("stimuli.test5.dataset", "clutter", "stimuli.test5.kind: 'clutter' holds canvases, drawn on the fly; write kind: canvases"),
    (f"{STANDARD}.architecture", "lenett", "models.standard.architecture: no such architecture; did you mean 'lenet'?"),
    (f"{STANDARD}.architecture", "my net", "models.standard.architecture: write the name of a built-in architecture"),
    (f"{STANDARD}.dataset", "digit", "models.standard.dataset: no such name 'digit'; did you mean 'digits'?"),
    (f"{STANDARD}.seeds", [], "models.standard.seeds: should have at least 1 item"),
    (f"{STANDARD}.seeds", [1, 1], "models.standard.seeds: seeds must differ from each other, found [1, 1]"),
    (f"{STANDARD}.seeds", [1.5], "models.standard.seeds.0: expected a whole number, found 1.5"),
    (f"{STANDARD}.normalise", [0.1], "models.standard.normalise: should have at least 2 items"),
    (f"{STANDARD}.normalise", [0.1, 0], "models.standard.normalise: write [mean, std] with std > 0, one number each or one for each channel, found [0.1, 0]"),
    (f"{STANDARD}.colour", "blue", "models.standard.colour: should match pattern"),
    (f"{STANDARD}.training", None, "models.standard: give either training or source"),
    (f"{STANDARD}.training", "fast", "models.standard.training: expected keys with values, found 'fast'"),
    (f"{STANDARD}.source", {"path": "a.pth", "md5": "0" * 32}, "models.standard: give either training or source"),
    (STANDARD, IMPORTED | {"seeds": [1, 2]}, "models.standard: imported weights are one network; give one seed"),
    (STANDARD, IMPORTED | {"source": {"url": "https://my.org/a.pth"}}, "models.standard.source: give md5 or sha256"),
    (STANDARD, IMPORTED | {"source": {"pretrained": "IMAGENET1K_V1"}}, "models.standard: source.pretrained: only for architecture: torchvision:"),
    (STANDARD, IMPORTED | {"source": {"path": "a.pth", "untrained": True}}, "models.standard.source: give either url, path, pretrained or untrained"),
    (f"{STANDARD}.dataset", REMOVED, "models.standard: name the dataset that it is trained on"),
    (f"{STANDARD}.normalise", [[0.1, 0.2], [1, 0]], "write [mean, std] with std > 0, one number each or one for each channel"),
    (f"{STANDARD}.normalise", [[0.1, 0.2], [1]], "write [mean, std] with std > 0, one number each or one for each channel"),
    (STANDARD, IMPORTED | {"source": {"md5": "0" * 32}}, "models.standard.source: give either url, path, pretrained or untrained"),
    (STANDARD, IMPORTED | {"source": {"path": "a.pth", "md5": "xyz"}}, "models.standard.source.md5: should match pattern"),
    (STANDARD, IMPORTED | {"source": {"url": "https://osf.io/wxmkv/download"}}, "models.standard.source: give md5 or sha256"),
    (STANDARD, IMPORTED | {"source": {"url": "https://osf.io/6hnwk/download"}}, "models.standard: https://osf.io/6hnwk/download holds a recurrent; write architecture: recurrent"),
    (f"{TRAINING}.epoch", 3, "models.standard.training.epoch: unknown key; did you mean 'epochs'?"),
    (f"{TRAINING}.epochs", -1, "models.standard.training.epochs: should be greater than or equal to 0, found -1"),
    (f"{TRAINING}.epochs", "ten", "models.standard.training.epochs: expected a whole number, found 'ten'"),
    (f"{TRAINING}.learning_rate", 0, "models.standard.training.learning_rate: should be greater than 0, found 0"),
    (f"{TRAINING}.learning_rate", REMOVED, "models.standard.training.learning_rate: missing; add it"),
    (f"{TRAINING}.optimiser", "adams", "models.standard.training.optimiser: expected 'adadelta', 'adam', 'adamw' or 'sgd', found 'adams'"),
    (f"{TRAINING}.momentum", 0.9, "models.standard.training: momentum does nothing with optimiser: adadelta; use sgd"),
    (f"{TRAINING}.shuffle", "no", "models.standard.training.shuffle: expected true or false, found 'no'"),
    (f"{TRAINING}.attack", {"epsilon": -0.1}, "models.standard.training.attack.epsilon: should be greater than or equal to 0, found -0.1"),
    (f"{TRAINING}.attack", {"epsilon": 255}, "models.standard.training.attack.epsilon: should be less than or equal to 1, found 255"),
    ("stimuli.test5.dataset", "digitz", "stimuli.test5.dataset: no such name 'digitz'; did you mean 'digits'?"),
    ("stimuli.test5.per_class", 51, "stimuli.test5.per_class: 51 images of every class asked for, but a class of 'digits' (test) may have only 50; give at most 50"),
    ("stimuli.test5.first", 3, "stimuli.test5: give either per_class, first or ids"),
    ("stimuli.test5.kind", "selct", "stimuli.test5.kind: found 'selct'; did you mean 'select'?"),
    ("stimuli.test5.split", "valid", "stimuli.test5.split: expected 'train' or 'test', found 'valid'"),
    ("stimuli.test5_fgsm.of", "test6", "stimuli.test5_fgsm.of: no such name 'test6'; did you mean 'test5'?"),
    ("stimuli.test5_fgsm.of", "test5_fgsm_sweep", "stimuli.test5_fgsm.of: 'test5_fgsm_sweep' is attacked already"),
    ("data", {"v1": {}}, "data.v1: give one of rdms, responses and simulated, found {}"),
    ("data", {"v1": {"rdms": "a.h5", "responses": "a.csv"}}, "data.v1: give one of rdms, responses and simulated"),
    ("data", {"v1": {"simulated": SIMULATED | {"model": "standart"}}}, "simulated.model: no such name 'standart'; did you mean"),
    ("data", {"v1": {"simulated": SIMULATED | {"stimuli": "test6"}}}, "simulated.stimuli: no such name 'test6'; did you mean"),
    ("data", {"v1": {"simulated": SIMULATED | {"node": "fc9"}}}, "data.v1.simulated.node: no such name 'fc9'"),
    ("data", {"v1": {"rdms": "a.h5", "distance": "crosnobis"}}, "data.v1.distance: expected 'crossnobis', 'unbiased'"),
    ("stimuli.test5_fgsm.model", "standart", "stimuli.test5_fgsm.model: no such name 'standart'; did you mean 'standard'?"),
    ("stimuli.test5_fgsm.attack.epsilon", -0.2, "stimuli.test5_fgsm.attack.epsilon: should be greater than or equal to 0, found -0.2"),
    ("stimuli.test5_fgsm.attack.method", "fgms", "stimuli.test5_fgsm.attack.method: expected 'fgsm', 'pgd' or 'fgsm_nll', found 'fgms'"),
    ("stimuli.test5", {"kind": "select", "dataset": "digits", "first": 3, "within": 100}, "stimuli.test5: within belongs to per_class; leave it out"),
    ("stimuli.test5", PERTURBED | {"of": "test5_fgsm"}, "stimuli.test5.of: 'test5_fgsm' is changed already; name the stimuli it was made of"),
    ("stimuli.test5_fgsm.of", "noisy", "stimuli.test5_fgsm.of: no such name 'noisy'"),
    ("stimuli.test5", PERTURBED | {"perturbation": {"method": "occlusion", "strength": [0.5, 2]}}, "stimuli.test5.perturbation: strength of occlusion is a share, at most 1"),
    ("datasets.digits", {"source": "folder", "path": "x", "class_column": "kind"}, "datasets.digits: class_column is a column of labels; name that CSV file, too"),
    ("models.standard.start", "adversariel", "models.standard.start: no such name 'adversariel'; did you mean 'adversarial'?"),
    ("models.standard.start", "standard", "models.standard.start: standard starts with standard; one of them must start anew"),
    ("models.standard.start", "rcnn", "models.standard.start: 'rcnn' is another network; both need the same architecture and options"),
    ("models", {"my model": EXAMPLE["models"]["standard"]}, "models.my model: should be a name: letters, digits and underscores, a letter first"),
]  # fmt: skip


def test_the_example_is_good():
    assert load_configuration(EXAMPLE).models["standard"].seeds


@pytest.mark.parametrize("path, value, message", BAD, ids=[f"{p}={v!r:.20}" for p, v, _ in BAD])
def test_faults_are_explained(path, value, message):
    with pytest.raises(InputError) as error:
        loaded(path, value)
    assert message in str(error.value)


def test_all_faults_are_told_at_once():
    with pytest.raises(InputError, match=r"2 faults(.|\n)*batch_size(.|\n)*|2 faults(.|\n)*device"):
        load_configuration(changed("device", "gpu") | {"batch_size": 0})


def test_a_name_may_look_like_a_type():
    """Pydantic names types in the paths of its errors."""
    with pytest.raises(InputError, match=r"models\.integrator\.seeds: should have at least 1 item, found \[\]"):
        loaded("models.integrator", EXAMPLE["models"]["standard"] | {"seeds": []})


def test_a_value_of_several_types_has_one_fault():
    with pytest.raises(InputError) as error:
        loaded("stimuli.test5_fgsm_sweep.attack.epsilon", [0, 2])
    assert str(error.value) == (
        "configuration: stimuli.test5_fgsm_sweep.attack.epsilon.1: should be less than or equal to 1, found 2"
    )


@pytest.mark.parametrize(
    "path",
    ["models.standard.training.learning_rate", "stimuli.test5_fgsm.attack.epsilon", "datasets.clutter.scale_jitter"],
)
def test_numbers_without_a_point_are_numbers(path):
    """YAML 1.1 reads 1e-3 as text."""
    assert loaded(path, "1e-3") == loaded(path, 0.001)


def test_numbers_without_a_point_are_numbers_within_lists_and_options():
    assert loaded("stimuli.test5_fgsm_sweep.attack.epsilon", ["0e0", "2E-1"]).stimuli[
        "test5_fgsm_sweep"
    ].attack.epsilon == [0, 0.2]
    assert loaded("models.rcnn.options", {"canvas": [40, 40], "gain": "1e+0"}).models["rcnn"].options["gain"] == 1.0
    assert loaded("models.standard.label", "1e-3").models["standard"].label == "1e-3"


def test_options_are_whatever_yaml_writes_but_dates_and_sets():
    options = {"canvas": [40, 40], "norm": None, "widths": [[4, 8], [16]], "more": {"rate": [1.5, "a"]}, "on": True}
    assert loaded("models.rcnn.options", options).models["rcnn"].options == options
    with pytest.raises(InputError, match=r"models\.rcnn\.options\.of: .*found datetime\.date"):
        loaded("models.rcnn.options", {"of": datetime.date(2020, 1, 1)})


def test_a_known_address_needs_no_checksum():
    model = IMPORTED | {"source": {"url": "https://osf.io/s5rt6/download"}}
    raw = changed("models.standard", model)
    raw["studies"] = {}
    assert load_configuration(raw).models["standard"].source.checksum() == ("md5", "2e63c2cd77bc9f1fa67673d956ec910d")


def test_networks_without_training_need_no_dataset():
    raw = changed("models.standard", {"architecture": "lenet", "seeds": [1, 2], "source": {"untrained": True}})
    assert load_configuration(raw | {"studies": {}}).models["standard"].seeds == [1, 2]


def test_what_a_model_is_shown_is_part_of_what_defines_it():
    pretrained = {"architecture": "torchvision:resnet18", "seeds": [1], "source": {"pretrained": "IMAGENET1K_V1"}}
    raw = changed("models.standard", pretrained | {"crop": 200, "normalise": [[0, 0, 0], [1, 1, 1]]})
    assert load_configuration(raw | {"studies": {}}).models["standard"].network() == {
        "architecture": "torchvision:resnet18", "options": {}, "normalise": [[0, 0, 0], [1, 1, 1]], "crop": 200,
        "pretrained": "IMAGENET1K_V1",
    }  # fmt: skip


def test_own_architecture_is_accepted():
    configuration = loaded("models.standard.architecture", "networks/mine.py:Net")
    assert configuration.models["standard"].user_file == "networks/mine.py"
