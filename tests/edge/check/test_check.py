"""Each mistake in a configuration is found, where it is, with what to do; and nothing else is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from offing.edge.check import check
from offing.edge.configuration import read_file
from offing.edge.jsonc import read

if TYPE_CHECKING:
    from tests.edge.check.conftest import Check

SOUND_OCR = '"instance_type": "standard-2"'
CUSTOM = '{ "vcpu": 1, "memory_mib": 4096, "disk_mb": 8000 }'
STEPS = '"rollout_step_percentage": [10, 100]'
KIND, ROLLOUT = "containers[1].instance_type", "containers[0].rollout_step_percentage"
BOUND = "durable_objects.bindings"
QUALITY = '"OFFING_OCR_QUALITY": "fast"'
GREETING = '"GREETING": "hello"'
LONG = "a1b2" * 8

MISTAKES = [
    # types
    (SOUND_OCR, '"instance_type": "large"', "containers[0].instance_type", 'no instance type "large"'),
    (SOUND_OCR, '"instance_type": "standard"', "containers[0].instance_type", 'no instance type "standard"'),
    (SOUND_OCR + ",", "", "containers[0]", "no instance_type is given, so it would be lite"),
    (CUSTOM, '{ "vcpu": 4, "memory_mib": 8192, "disk_mb": 8000 }', KIND, "need 12288"),
    (CUSTOM, '{ "vcpu": 0.5, "memory_mib": 2048, "disk_mb": 4000 }', KIND, "0.5"),
    (CUSTOM, '{ "vcpu": 1, "memory_mib": 4096 }', KIND, "gives no disk_mb"),
    (CUSTOM, '{ "vcpu": "1", "memory_mib": 4096, "disk_mb": 1 }', KIND, "no numbers"),
    (CUSTOM, '{ "vcpu": true, "memory_mib": 4096, "disk_mb": 1 }', KIND, "no numbers"),
    (CUSTOM, CUSTOM.replace("disk_mb", "disk_gb"), KIND, "has no disk_gb"),
    (CUSTOM, "4", KIND, "gives no vcpu"),
    # instances
    ('"max_instances": 3', '"max_instances": 2', "vars.OCR_INSTANCES", "max_instances is 2"),
    ('"max_instances": 3', '"max_instances": 0', "containers[0].max_instances", "no whole number above 0"),
    ('"max_instances": 3', '"max_instances": 2.5', "containers[0].max_instances", "no whole number above 0"),
    ('"OCR_INSTANCES": "3"', '"OCR_INSTANCES": "4"', "vars.OCR_INSTANCES", "4 containers are to share"),
    ('"OCR_INSTANCES": "3"', '"OCR_INSTANCES": "none"', "vars.OCR_INSTANCES", "no whole number above 0"),
    ('"OCR_INSTANCES": "3"', '"OCR_INSTANCES": "0"', "vars.OCR_INSTANCES", "no whole number above 0"),
    # sleep
    ('"30s"', '"30 seconds"', "vars.OCR_SLEEP_AFTER", "no time"),
    ('"30s"', '"1.5m"', "vars.OCR_SLEEP_AFTER", "no time"),
    ('"30s"', '"0s"', "vars.OCR_SLEEP_AFTER", "no time"),
    ('"30s"', '"1d"', "vars.OCR_SLEEP_AFTER", "no time"),
    ('"OCR_SLEEP_AFTER": "30s",', "", "containers[0]", "vars say nothing of OCR_SLEEP_AFTER"),
    # rollouts
    (STEPS, '"rollout_step_percentage": 30', ROLLOUT, "no steps"),
    (STEPS, '"rollout_step_percentage": [50, 20, 100]', ROLLOUT, "ascend"),
    (STEPS, '"rollout_step_percentage": [10, 50]', ROLLOUT, "ascend"),
    (STEPS, '"rollout_step_percentage": [1, 100]', ROLLOUT, "ascend"),
    (STEPS, '"rollout_step_percentage": ["10"]', ROLLOUT, "no steps"),
    (STEPS, '"rollout_step_percentage": [10, 20, 50, 100]', ROLLOUT, "4 steps"),
    ('"rollout_active_grace_period": 60', '"rollout_active_grace_period": -1',
     "containers[0].rollout_active_grace_period", "no number of seconds"),
    # classes
    ('"SERVICE": "xet"', '"SERVICE": "x"', "containers", "the service xet has no container"),
    ('"SERVICE": "xet"', '"SERVICE": "ocr"', "containers[1]", "the service ocr is in 2 containers"),
    ('"class_name": "Xet",', '"class_name": "Ocr",', "containers[1]", '"Ocr" is used by several containers'),
    ('"name": "sound-xet"', '"name": "sound-ocr"', "containers[0]", '"sound-ocr" is used by several'),
    ('"class_name": "Xet",', "", "containers[1]", "no class_name is given"),
    ('{ "name": "XET", "class_name": "Xet" },', "", "containers[1]", "the class Xet is not bound"),
    ('"DISPATCHER", "class_name": "Dispatcher"', '"DISPATCHER", "class_name": "Xet"',
     BOUND + "[1]", "bound more than once"),
    ('"name": "DISPATCHER"', '"name": "OCR"', BOUND + "[0]", "binds several classes"),
    ('["Xet"]', "[]", "containers[1]", "no migration creates the class Xet"),
    ('["Ocr", "Dispatcher"]', '["Ocr"]', BOUND + "[2]", "creates the class Dispatcher"),
    ('["Xet"]', '["Xet", "Ocr"]', "containers[0]", "the class Ocr is created more than once"),
    ('"tag": "v2", "new_sqlite_classes"', '"tag": "v2", "new_classes"', "containers[1]", "not stored"),
    ('["Xet"]', '["Xet"], "deleted_classes": ["Ocr"]', "containers[0]", "no migration creates the class Ocr"),
    ('"tag": "v2"', '"tag": "v1"', "migrations[0]", 'the tag "v1" is used twice'),
    # images
    ('"image": "Dockerfile",', "", "containers[0]", "no image is given"),
    ('"image": "Dockerfile"', '"image": "../Dockerfile"', "containers[0].image", "no Dockerfile"),
    ('"image_build_context": "."', '"image_build_context": "a"',
     "containers[0].image_build_context", "no folder a"),
    ('"image_vars": { "SERVICE": "ocr" },', "", "containers[0]", "doesn't say which SERVICE"),
    ('"SERVICE": "ocr"', '"SERVICE": "runtime"', "containers[0].image_vars.SERVICE", "no stage runtime"),
    # variables
    (QUALITY, '"OFFING_OCR_QUALTY": "fast"', "vars.OFFING_OCR_QUALTY", "is no setting"),
    (QUALITY, '"OFFING_OCR_QUALITY": "best"', "vars.OFFING_OCR_QUALITY", "must be text that matches"),
    (QUALITY, '"CPU_THREADS": "many"', "vars.CPU_THREADS", "CPU_THREADS must be a whole number"),
    (QUALITY, '"OFFING_OCR_THREADS": 2', "vars.OFFING_OCR_THREADS", "is no text"),
    ('"6000000000"', '"8000000000"', "vars.OFFING_XET_CACHE_BYTES", "8.0 GB leaves no room on"),
    ('"OFFING_XET_CACHE_BYTES": "6000000000",', "", "containers[1]", "10.0 GB leaves no room"),
    (GREETING, '"GREETING": "a", "GREETING": "b"', "vars.GREETING", "stands here twice"),
    # secrets
    (GREETING, f'"HF_TOKEN": "hf_{LONG}"', "vars.HF_TOKEN", "HF_TOKEN is a secret"),
    (GREETING, '"HF_TOKEN": ""', "vars.HF_TOKEN", "HF_TOKEN is a secret"),
    (GREETING, f'"OFFING_XET_TOKEN": "{LONG}"', "vars.OFFING_XET_TOKEN", "is a secret"),
    (GREETING, f'"WEBHOOK_KEY": "{LONG}"', "vars.WEBHOOK_KEY", "is a secret"),
    (GREETING, f'"GREETING": "hf_{LONG}"', "vars.GREETING", "is a secret"),
    (GREETING, f'"GREETING": {{ "key": "sha256:{LONG}{LONG}" }}', "vars.GREETING", "is a secret"),
    ('["HF_TOKEN"]', "[]", "vars.OFFING_XET_SHARE_TOKEN", "needs the secret HF_TOKEN or OFFING_XET_TOKEN"),
    (GREETING, '"OFFING_XET_BUCKET": "s3://a"', "vars.OFFING_XET_BUCKET", "OFFING_XET_BUCKET_SECRET"),
    ('["HF_TOKEN"]', '["HF_TOKEN", 1]', "secrets.required[1]", "no name of a secret"),
]  # fmt: skip


def test_in_a_sound_configuration_nothing_is_found(spoiled: Check) -> None:
    assert spoiled("hello", "hello") == []


@pytest.mark.parametrize(("text", "instead", "path", "said"), MISTAKES)
def test_each_mistake_is_found_where_it_is(
    spoiled: Check, text: str, instead: str, path: str, said: str
) -> None:
    found = [each for each in spoiled(text, instead) if said in each.wrong]
    assert path in [each.path for each in found]
    assert all(each.remedy.endswith((".", "?")) and not each.wrong.endswith(".") for each in found)


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        (SOUND_OCR, '"instance_type": "lite"'),
        (CUSTOM, '{ "vcpu": 1, "memory_mib": 4096, "disk_mb": 7000 }'),
        (STEPS, '"rollout_step_percentage": 25'),
        (STEPS, '"rollout_step_percentage": [100]'),
        (STEPS + ",", ""),
        ('"max_instances": 3,', ""),
        ('"OCR_INSTANCES": "3"', '"OCR_INSTANCES": 3'),
        ('"30s"', "30"),
        ('"30s"', '"1h"'),
        ('"image": "Dockerfile"', '"image": "docker.io/someone/ocr:1"'),
        ('"DISPATCHER", "class_name": "Dispatcher"', '"OTHER", "class_name": "X", "script_name": "another"'),
        ('"true"', '"false"'),
        ('["Xet"]', '["Old"] }, { "tag": "v3", "renamed_classes": [{ "from": "Old", "to": "Xet" }]'),
        (GREETING, '"HF_TOKEN_HELP": "ask"'),
        (GREETING, '"OFFING_SERVICE": "ocr"'),
    ],
)  # fmt: skip
def test_what_is_allowed_is_not_found(spoiled: Check, text: str, instead: str) -> None:
    assert [each.wrong for each in spoiled(text, instead)] == []


def test_exports_may_stand_in_for_migrations(spoiled: Check) -> None:
    migrations = '"new_sqlite_classes": ["Xet"] }\n  ],'
    exports = '"exports": { "Xet": { "type": "durable-object", "storage": "%s" } },'
    instead = '"new_sqlite_classes": [] }\n  ],'
    assert spoiled(migrations, instead + exports % "sqlite") == []
    (found,) = spoiled(migrations, instead + exports % "legacy-kv")
    assert "not stored in SQLite" in found.wrong


def test_large_is_told_what_has_its_processors_and_what_its_memory(spoiled: Check) -> None:
    (found,) = spoiled(SOUND_OCR, '"instance_type": "large"')
    assert found.remedy == (
        'Write "standard-3" (2 vCPU, 8 GiB, 16 GB) or "standard-4" (4 vCPU, 12 GiB, 20 GB).'
    )
    assert found.line == 10


def test_a_misspelt_setting_is_told_which_was_meant(spoiled: Check) -> None:
    (found,) = spoiled("OFFING_OCR_QUALITY", "OFFING_OCR_QUALTY")
    assert "Did you mean OFFING_OCR_QUALITY?" in found.remedy


def test_no_secret_is_told(spoiled: Check) -> None:
    found = spoiled(GREETING, f'"HF_TOKEN": "hf_{LONG}"')
    assert found
    assert LONG not in repr([(each.wrong, each.remedy) for each in found])


def test_an_environment_is_checked_by_itself_and_has_the_migrations_of_the_whole(spoiled: Check) -> None:
    staging = """"env": { "staging": {
        "containers": [{ "class_name": "Ocr", "image": "Dockerfile", "image_vars": { "SERVICE": "ocr" },
                         "instance_type": "huge" }],
        "durable_objects": { "bindings": [{ "name": "OCR", "class_name": "Ocr" }] },
        "vars": { "OCR_SLEEP_AFTER": "30s" } } },
      """
    found = {each.path: each.wrong for each in spoiled('"secrets":', staging + '"secrets":')}
    assert found == {
        "env.staging.containers": "the service xet has no container",
        "env.staging.containers[0].instance_type": 'there is no instance type "huge"',
    }


def test_what_is_wrong_is_told_in_the_order_of_its_lines(spoiled: Check) -> None:
    lines = [each.line for each in spoiled('"class_name": "Ocr"', '"class_name": "Reader"')]
    assert len(lines) > 1
    assert lines == sorted(lines)


@pytest.mark.parametrize(
    "document", ["[]", "1", "{}", '{"containers": 1, "vars": [], "migrations": "", "durable_objects": null}']
)
def test_a_document_that_is_no_configuration_lacks_every_service(document: str, tmp_path: Path) -> None:
    found = check(read(document), tmp_path, ["ocr"], [])
    assert [each.wrong for each in found] == ["the service ocr has no container"]


def test_the_workers_own_configuration_is_sound() -> None:
    from offing.cli.rooms import rooms
    from offing.kernel.service import installed

    file = Path(__file__).parents[3] / "worker" / "wrangler.jsonc"
    records = [(room.record, room.prefix) for room in rooms()]
    found = check(read_file(file), file.parent, [*installed()], records)
    assert [(each.path, each.wrong) for each in found] == []
