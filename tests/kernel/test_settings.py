"""Settings: how variables become typed values, and what is said where they do not fit."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.kernel.settings import BadSetting, Setting, explain, load, meaning, unrecognized

PREFIX = "OFFING_TEST_"
HASH = Annotated[str, msgspec.Meta(pattern="^sha256:[0-9a-f]{4}$")]


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """A setting of each type."""

    port: Annotated[int, meaning("Port.", aliases=("TEST_PORT", "TEST_OLD_PORT"), ge=0, le=65535)] = 80
    seconds: Annotated[float, meaning("Time, in seconds.", gt=0)] = 2.5
    pause: Annotated[float, meaning("Pause, in seconds.", ge=0)] = 60.0
    quiet: Annotated[bool, meaning("Says less.")] = False
    level: Annotated[Literal["info", "debug"], meaning("Level.")] = "info"
    formats: Annotated[tuple[Literal["JPEG", "PNG"], ...], meaning("Formats.", min_length=1)] = ("JPEG",)
    origins: Annotated[tuple[str, ...], meaning("Origins.")] = ("*",)
    keys: Annotated[tuple[HASH, ...], meaning("Keys.", secret=True)] = ()
    proxy: Annotated[str, meaning("Proxy.", secret=True)] = ""
    agent: Annotated[str, meaning("Name.", pattern="^[a-z]+$")] = "offing"


def read(**variables: str) -> Sample:
    return load(Sample, PREFIX, {f"{PREFIX}{name.upper()}": value for name, value in variables.items()})


def entry(field: str, environ: dict[str, str]) -> Setting:
    return next(each for each in explain(Sample, PREFIX, environ) if each.field == field)


def refusal(**variables: str) -> str:
    with pytest.raises(BadSetting) as caught:
        read(**variables)
    return caught.value.public_text


def test_an_empty_environment_gives_the_defaults() -> None:
    assert load(Sample, PREFIX, {}) == Sample()


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("port", "8080", 8080),
        ("port", " 8080\n", 8080),
        ("port", "0", 0),
        ("port", "65535", 65535),
        ("seconds", "3", 3.0),
        ("seconds", "0.25", 0.25),
        ("seconds", "1e-3", 0.001),
        ("pause", "0", 0.0),
        ("level", "DEBUG", "debug"),
        ("formats", "PNG", ("PNG",)),
        ("formats", "png, Jpeg", ("PNG", "JPEG")),
        ("origins", "https://a.example,https://b.example", ("https://a.example", "https://b.example")),
        ("origins", ",a, ,b,", ("a", "b")),
        ("origins", ",", ()),
        ("keys", "sha256:00ff,sha256:abcd", ("sha256:00ff", "sha256:abcd")),
        ("proxy", "http://user:password@proxy:3128", "http://user:password@proxy:3128"),
        ("agent", "curl", "curl"),
    ],
)
def test_text_is_read_as_the_type_of_its_setting(field: str, text: str, value: object) -> None:
    found = getattr(read(**{field: text}), field)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", ["1", "true", "YES", "On"])
def test_a_switch_is_turned_on_by_any_usual_word(text: str) -> None:
    assert read(quiet=text).quiet is True


@pytest.mark.parametrize("text", ["0", "false", "No", "OFF"])
def test_a_switch_is_turned_off_by_any_usual_word(text: str) -> None:
    environ = {f"{PREFIX}QUIET": text}
    assert entry("quiet", environ).value is False
    assert entry("quiet", environ).source == f"{PREFIX}QUIET"


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        ("port", "-1", "a whole number from 0 to 65535"),
        ("port", "65536", "a whole number from 0 to 65535"),
        ("port", "eighty", "a whole number from 0 to 65535"),
        ("port", "80.5", "a whole number from 0 to 65535"),
        ("port", "9" * 5000, "a whole number from 0 to 65535"),
        ("seconds", "0", "a number above 0"),
        ("seconds", "soon", "a number above 0"),
        ("pause", "-1", "a number of at least 0"),
        ("pause", "inf", "a number of at least 0"),
        ("pause", "nan", "a number of at least 0"),
        ("quiet", "maybe", "true or false"),
        ("quiet", "2", "true or false"),
        ("level", "loud", "one of info, debug"),
        ("formats", "JPEG,BMP", "a list separated by commas of JPEG, PNG, at least 1"),
        ("formats", ",", "a list separated by commas of JPEG, PNG, at least 1"),
        ("keys", "plain", "a list separated by commas of texts that match ^sha256:[0-9a-f]{4}$"),
        ("agent", "two words", "text that matches ^[a-z]+$"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_would(field: str, text: str, expected: str) -> None:
    assert refusal(**{field: text}) == f"{PREFIX}{field.upper()} must be {expected}."


@given(field=st.sampled_from(Sample.__struct_fields__), text=st.text())
def test_whatever_is_given_is_read_within_bounds_or_refused_in_words_that_do_not_depend_on_it(
    field: str, text: str
) -> None:
    explained = entry(field, {f"{PREFIX}{field.upper()}": text})
    if explained.fits:
        record = read(**{field: text})
        assert msgspec.convert(msgspec.structs.asdict(record), Sample) == record
    else:
        with pytest.raises(BadSetting) as caught:
            read(**{field: text})
        assert str(caught.value) == f"{PREFIX}{field.upper()} must be {explained.values}."
        assert caught.value.__cause__ is caught.value.__context__ is None


def test_an_error_names_the_variable_that_was_set_and_not_its_synonym() -> None:
    with pytest.raises(BadSetting, match=r"^TEST_OLD_PORT must be "):
        load(Sample, PREFIX, {"TEST_OLD_PORT": "x"})


def test_other_names_are_read_in_their_order_and_after_its_own() -> None:
    environ = {"TEST_OLD_PORT": "3"}
    assert (entry("port", environ).value, entry("port", environ).source) == (3, "TEST_OLD_PORT")
    environ["TEST_PORT"] = "2"
    assert (entry("port", environ).value, entry("port", environ).source) == (2, "TEST_PORT")
    environ[f"{PREFIX}PORT"] = "1"
    assert (entry("port", environ).value, entry("port", environ).source) == (1, f"{PREFIX}PORT")


@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
def test_a_blank_variable_counts_as_not_set(blank: str) -> None:
    environ = {f"{PREFIX}PORT": blank, "TEST_PORT": "9"}
    assert entry("port", environ).source == "TEST_PORT"
    assert entry("quiet", {f"{PREFIX}QUIET": blank}).source == "default"


def test_one_that_does_not_fit_does_not_hide_the_others() -> None:
    environ = {f"{PREFIX}PORT": "x", f"{PREFIX}AGENT": "curl"}
    explained = {each.field: each for each in explain(Sample, PREFIX, environ)}
    assert list(explained) == list(Sample.__struct_fields__)
    assert not explained["port"].fits
    assert explained["port"].value == 80
    assert explained["agent"].fits
    assert explained["agent"].value == "curl"


def test_a_secret_is_never_shown() -> None:
    environ = {f"{PREFIX}PROXY": "http://user:password@proxy", f"{PREFIX}KEYS": "sha256:abcd"}
    assert entry("proxy", environ).shown == entry("keys", environ).shown == "(set)"
    assert entry("proxy", {}).shown == entry("keys", {}).shown == ""


@pytest.mark.parametrize(
    ("field", "shown"),
    [("quiet", "false"), ("pause", "60"), ("seconds", "2.5"), ("formats", "JPEG"), ("port", "80")],
)
def test_a_value_is_shown_as_it_would_be_written(field: str, shown: str) -> None:
    assert entry(field, {}).shown == shown
    assert getattr(read(**{field: shown}), field) == getattr(Sample(), field)


def test_a_variable_named_like_ours_that_nothing_reads_is_found() -> None:
    environ = {"OFFING_PROT": "1", "OFFING_PORT": "1", "HOME": "/", "PORT": "1"}
    assert unrecognized({"OFFING_PORT"}, environ) == ["OFFING_PROT"]
