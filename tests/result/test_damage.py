"""A damaged model file is one error that names what is damaged, never a bug and never silence."""

import shutil

import h5py
import numpy as np
import pytest
from random_result import random_result

from pathfa.errors import InputError
from pathfa.result.result import PathFAResult


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.h5"
    random_result(n_samples=6, n_features=6, n_sets=2, n_factors=2).save(path)
    return path


@pytest.fixture
def copy(whole, tmp_path):
    return shutil.copy(whole, tmp_path / "model.h5")


def datasets(item, name="") -> list[str]:
    if isinstance(item, h5py.Dataset):
        return [name]
    return [path for key in item for path in datasets(item[key], f"{name}/{key}" if name else key)]


def first_of_each(names: list[str]) -> list[str]:
    return list({name.split("/")[0]: name for name in reversed(names)}.values())


def rewrite(file, name: str, values) -> None:
    attributes = dict(file[name].attrs)
    del file[name]
    file[name] = values
    file[name].attrs.update(attributes)


def drop(file, name):
    del file[name]


def shorten(file, name):
    values = file[name][()]
    rewrite(file, name, values[:-1] if np.ndim(values) else values[: len(values) // 2])


def fill(file, name):
    values = file[name][()]
    rewrite(file, name, np.full_like(values, np.nan) if np.asarray(values).dtype.kind == "f" else values * 0)


def damageable(file, damage) -> list[str]:
    """Return the parts that such damage would change."""
    if damage is drop:
        return sorted({*file, *first_of_each(datasets(file))})[::2]
    kinds = {shorten: "fiubOS", fill: "fiu"}[damage]
    values = {name: file[name][()] for name in datasets(file)}
    kept = [name for name, value in values.items() if np.asarray(value).dtype.kind in kinds and np.size(value)]
    kept = [name for name in kept if np.ndim(values[name]) or isinstance(values[name], bytes)]
    return first_of_each([name for name in kept if damage is not fill or values[name].any()])


@pytest.mark.parametrize("damage", [drop, shorten, fill])
def test_every_part_is_checked(whole, damage, tmp_path):
    with h5py.File(whole) as file:
        names = damageable(file, damage)
    assert len(names) > 15
    for name in names:
        path = shutil.copy(whole, tmp_path / "model.h5")
        with h5py.File(path, "a") as file:
            damage(file, name)
        with pytest.raises(InputError, match=f"damaged in .*'{name.split('/')[0]}: ") as caught:
            PathFAResult.load(path)
        assert [item.code for item in caught.value.findings] == ["damaged-model"]


@pytest.mark.slow
@pytest.mark.parametrize("damage", [drop, shorten, fill])
def test_files_without_checksums_are_looked_through(whole, damage, tmp_path):
    """Earlier versions wrote none: what does not fit together is found, and nothing ends as a bug."""
    with h5py.File(whole) as file:
        names = damageable(file, damage)
    found = 0
    for name in names:
        path = shutil.copy(whole, tmp_path / "model.h5")
        with h5py.File(path, "a") as file:
            del file.attrs["sha256"]
            damage(file, name)
        codes = []
        try:
            PathFAResult.load(path)
        except InputError as error:
            codes = [item.code for item in error.findings]
        assert codes in ([], ["damaged-model"])
        found += len(codes)
    assert found > {drop: 0.9, shorten: 0.5, fill: 0.3}[damage] * len(names)


def test_a_file_without_checksums_must_fit_together(copy):
    with h5py.File(copy, "a") as file:
        del file.attrs["sha256"]
        fill(file, "score_cov")
        shorten(file, "noise/rna/sd")
        shorten(file, "noise/rna/_index")
    with pytest.raises(
        InputError, match=r"damaged in 2 places.*'score_cov: not finite', 'noise of rna: 5 values"
    ) as caught:
        PathFAResult.load(copy)
    assert caught.value.findings[0].count == 2


@pytest.mark.parametrize("name", ["format_version", "pathfa_version"])
def test_attributes_that_are_gone_are_no_bug(copy, name):
    with h5py.File(copy, "a") as file:
        del file.attrs[name]
        file.attrs["format_version"] = file.attrs.get("format_version", 0)
    if name == "format_version":
        with pytest.raises(InputError, match="model format 0"):
            PathFAResult.load(copy)
    else:
        PathFAResult.load(copy)


def test_bytes_that_flip_are_found_or_do_not_matter(whole, tmp_path):
    content, rng = whole.read_bytes(), np.random.default_rng(0)
    expected = PathFAResult.load(whole)
    path, found = tmp_path / "model.h5", 0
    for place in rng.integers(0, len(content), 15):
        path.write_bytes(content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :])
        try:
            model = PathFAResult.load(path)
        except InputError:
            found += 1
        else:
            np.testing.assert_array_equal(model.activity, expected.activity)
            assert model.settings == expected.settings
    assert found


def test_a_file_that_was_cut_is_refused(copy):
    content = copy.read_bytes()
    for share in (0.0, 0.1, 0.5, 0.99):
        copy.write_bytes(content[: int(share * len(content))])
        with pytest.raises(InputError):
            PathFAResult.load(copy)
