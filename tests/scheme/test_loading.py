"""Whole editions: several slips at once, the other two files, the catalogue by id and date, the schemas for editors."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import jsonschema
import pytest
import yaml

import indicators
from evaltool.problems import SchemeError
from evaltool.scheme import entries, load, load_folder
from evaltool.scheme.schemas import documents
from scheme.spoiling import CASES, FILES, SCHEME, SOURCES, spoiled

SCHEMAS = Path(str(indicators.root())) / "schema"


def test_several_slips_are_told_in_one_run_in_reading_order(tmp_path):
    problems, places = spoiled(
        tmp_path,
        ("value: visits / all_visits", "value: «visits / all_visit"),
        ("zero_at: 60%", "zero_at: «0.6"),
        ("items: {plan: 12, audit: 8}", "items: {plan: 12, «audits: 8}"),
        ("grade: GRADE", "grade: «GRAD"),
        ("when: GRADE == '甲'", "when: «GRADE == '优'"),
        ("  BF/3: 组织方式", "  BF/3: 组织方式\n  «BF/4: 没有"),
        ("rectify], verb: shall", "«rectfy], verb: shall"),
    )
    assert [str(problem.rule) for problem in problems] == places
    assert [problem.code for problem in problems] == ["S200", "S200", "S106", "S200", "S200", "S200", "S202"]
    with pytest.raises(SchemeError) as refused:
        load_folder(tmp_path)
    assert len(str(refused.value).splitlines()) == len(places)


def test_several_slips_in_the_writing_are_told_in_one_run(tmp_path):
    problems, places = spoiled(
        tmp_path,
        ("checked_on:", "«chekced_on:"),
        ("status: official", "status: «oficial"),
        ("  A1:\n    name: 占比", "  A1:\n    name: 占比\n    «poinst: 3"),
        ("value: spend / all_spend", "value: «spend // all_spend"),
    )
    assert [str(problem.rule) for problem in problems] == places
    assert [problem.code for problem in problems] == ["S103", "S105", "S103", "S107"]


@pytest.mark.parametrize(
    ("file", "old", "new", "code"),
    [
        ("sources.yaml", "    A1: {gist: 占比}", "    A1: {gist: 占比}\n    «A9: {gist: 无人引用}", "S203"),
        ("sources.yaml", "  number: 小例", "  «numbr: 小例", "S103"),
        ("sources.yaml", "  title: 小例办法\n", "", "S104"),
        ("sources.yaml", "{page: 2, gist: 空白}", "{page: 2, «gists: 空白}", "S103"),
        ("sources.yaml", "format: 1\n", "", "S104"),
        ("cases.yaml", "base: {visits: 55,", "base: {«visit: 55,", "S200"),
        ("cases.yaml", "given: {visits: 55}", "given: {«vists: 55}", "S200"),
        ("cases.yaml", "expect: {A1: 20}", "expect: {«A9: 20}", "S200"),
        ("cases.yaml", "expect_funds: {road: 符合}", "expect_funds: {«rode: 符合}", "S200"),
        ("cases.yaml", "{name: 正好,", "{name: 正好, «hope: 1,", "S103"),
    ],
)
def test_slips_in_the_other_files(tmp_path, file, old, new, code):
    problems, places = spoiled(tmp_path, (old, new), file=file)
    codes = [problem.code for problem in problems]
    assert set(codes) == {code}
    assert not places or [str(problem.rule) for problem in problems] == places
    assert all(problem.rule.file == file for problem in problems)


@pytest.mark.parametrize("text", ["", "- a\n", "just text\n", "format: 2\n"])
def test_files_that_are_something_else(tmp_path, text):
    problems, _ = spoiled(tmp_path, scheme_yaml=text)
    assert problems
    assert {problem.rule.file for problem in problems} == {"scheme.yaml"}


def test_a_missing_file(tmp_path):
    spoiled(tmp_path)
    (tmp_path / "sources.yaml").unlink()
    with pytest.raises(SchemeError) as refused:
        load_folder(tmp_path)
    assert [problem.code for problem in refused.value.problems] == ["S108"]


# --- the catalogue ---


def put(root: Path, folder: str, **changes: str) -> None:
    """The small edition in root/folder with `key: value` lines changed."""
    text = SCHEME
    for key, value in changes.items():
        line = next(line for line in text.splitlines() if line.startswith(f"{key}:"))
        text = text.replace(line, f"{key}: {value}", 1)
    place = root / folder
    place.mkdir(parents=True)
    for name, part in {**FILES, "scheme.yaml": text}.items():
        (place / name).write_text(part, "utf-8")


def refusal(*args: object, **kwargs: object) -> tuple[str, str]:
    with pytest.raises(SchemeError) as refused:
        load(*args, **kwargs)  # type: ignore[arg-type]
    (problem,) = refused.value.problems
    return problem.code, problem.what + problem.do


def test_the_edition_in_force_is_found_by_date(tmp_path):
    put(tmp_path, "shili/small/2024-01-01", valid_to="2024-12-31")
    put(tmp_path, "shili/small/2025-03-01", valid_from="2025-03-01")
    put(tmp_path, "shili/small_two/2024-01-01", id="shili/small_two")

    def found(on: object) -> str:
        return load("shili/small", on=on, editions=[tmp_path]).key  # type: ignore[arg-type]

    assert found("2024-01-01") == found("2024-12-31") == "shili/small@2024-01-01"
    assert found(dt.date(2025, 3, 1)) == found("2030-01-01") == "shili/small@2025-03-01"
    for day in ("2023-12-31", "2025-01-01", "2025-02-28"):
        code, said = refusal("shili/small", on=day, editions=[tmp_path])
        assert code == "S212"
        assert "2024-01-01 起、2025-03-01 起" in said
    assert refusal("shili/small", editions=[tmp_path])[0] == "S212"  # two editions: the day must be said
    assert load("shili/small_two", editions=[tmp_path]).id == "shili/small_two"
    mine = [entry for entry in entries([tmp_path]) if entry.folder.is_relative_to(tmp_path)]
    assert [(entry.id, entry.valid_from.isoformat()) for entry in mine] == [
        ("shili/small", "2024-01-01"), ("shili/small", "2025-03-01"), ("shili/small_two", "2024-01-01"),
    ]  # fmt: skip


def test_an_unknown_id_gets_the_nearest(tmp_path):
    put(tmp_path, "shili/small/2024-01-01")
    assert refusal("shili/smal", editions=[tmp_path]) == ("S212", "没有指标体系 shili/smal是不是 shili/small？")


def test_editions_that_overlap(tmp_path):
    put(tmp_path, "shili/small/2024-01-01")
    put(tmp_path, "shili/small/2025-03-01", valid_from="2025-03-01")
    assert refusal("shili/small", on="2025-06-01", editions=[tmp_path])[0] == "S213"


@pytest.mark.parametrize("change", [{"valid_from": "2024-02-01"}, {"id": "shili/other"}])
def test_a_folder_and_its_file_must_agree(tmp_path, change):
    put(tmp_path, "shili/small/2024-01-01", **change)
    code, said = refusal("shili/small", on="2024-06-01", editions=[tmp_path])
    assert (code, "文件夹" in said) == ("S213", True)


def test_a_folder_that_is_no_date(tmp_path):
    put(tmp_path, "shili/small/2024-1-1")
    assert refusal("shili/small", editions=[tmp_path])[0] == "S213"


@pytest.mark.parametrize("on", ["2024-6-1", "2024-13-01", "去年"])
def test_a_day_that_is_no_date(tmp_path, on):
    put(tmp_path, "shili/small/2024-01-01")
    assert refusal("shili/small", on=on, editions=[tmp_path])[0] == "S212"


def test_a_changed_file_is_read_again(tmp_path):
    put(tmp_path, "shili/small/2024-01-01")
    file = tmp_path / "shili/small/2024-01-01/scheme.yaml"
    first = load("shili/small", editions=[tmp_path])
    file.write_text(file.read_text("utf-8").replace("name: 小例", "name: 新例", 1), "utf-8")
    second = load("shili/small", editions=[tmp_path])
    assert (first.name, second.name) == ("小例", "新例")
    assert first.digest != second.digest


def test_the_digest_is_of_the_rules_and_not_of_line_ends_or_cases(tmp_path):
    spoiled(tmp_path)
    digest = load_folder(tmp_path).digest
    (tmp_path / "cases.yaml").write_text(CASES.replace("正好", "刚好"), "utf-8")
    (tmp_path / "sources.yaml").write_bytes(SOURCES.replace("\n", "\r\n").encode())
    assert load_folder(tmp_path).digest == digest


def test_the_built_in_editions_load():
    for entry in entries():
        assert load(entry.id, on=entry.valid_from).key == f"{entry.id}@{entry.valid_from}"


# --- JSON Schema ---


def test_the_committed_schemas_are_the_generated_ones():
    committed = {file.name: json.loads(file.read_text("utf-8")) for file in SCHEMAS.glob("*.json")}
    assert committed == documents(), "regenerate: evaltool.scheme.schemas.write(Path('indicators/schema'))"


def as_an_editor_reads(file: Path) -> object:
    """The YAML as a schema-aware editor sees it: numbers and truth values typed, dates as text."""

    class Loader(yaml.SafeLoader):
        pass

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in found if not tag.endswith("timestamp")]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return yaml.load(file.read_text("utf-8"), Loader)


@pytest.mark.parametrize("name", ["scheme", "sources", "cases"])
@pytest.mark.parametrize(
    "folder", [entry.folder for entry in entries()], ids=lambda folder: "-".join(folder.parts[-3:])
)
def test_the_built_in_editions_fit_their_schemas(folder, name):
    schema = documents()[f"{name}.schema.json"]
    jsonschema.Draft202012Validator.check_schema(schema)
    slips = list(jsonschema.Draft202012Validator(schema).iter_errors(as_an_editor_reads(folder / f"{name}.yaml")))
    assert not slips, [f"{'/'.join(map(str, slip.absolute_path))}: {slip.message[:200]}" for slip in slips[:5]]


@pytest.mark.parametrize(
    ("old", "new"),
    [("checked_on:", "chekced_on:"), ("at_least: 65%", "at_leest: 65%"), ("status: official", "status: oficial")],
)
def test_the_schema_sees_what_the_loader_refuses(tmp_path, old, new):
    spoiled(tmp_path, (old, new))
    schema = documents()["scheme.schema.json"]
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(as_an_editor_reads(tmp_path / "scheme.yaml")))
