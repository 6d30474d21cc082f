from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.emulators.gcp.firestore.library import errors, fails, library


def test_a_document_reads_as_it_was_written(letter: Any) -> None:
    letter.set({"a": 1})

    found = letter.get()

    assert found.to_dict() == {"a": 1}
    assert found.create_time == found.update_time


def test_a_document_that_is_not_there_is_read_as_missing(letter: Any) -> None:
    assert not letter.get().exists


def test_a_mask_reads_some_fields(letter: Any) -> None:
    letter.set({"a": 1, "b": 2, "m": {"x": 1, "y": 2}})

    assert letter.get(["a", "m.y"]).to_dict() == {"a": 1, "m": {"y": 2}}


def test_an_update_changes_what_it_names_alone(letter: Any) -> None:
    letter.set({"a": 1, "m": {"x": 1, "y": 2}})

    letter.update({"m.x": 5, "b": 2})

    assert letter.get().to_dict() == {"a": 1, "b": 2, "m": {"x": 5, "y": 2}}


def test_an_update_removes_a_field(letter: Any) -> None:
    letter.set({"a": 1, "m": {"x": 1, "y": 2}})

    letter.update({"a": library.DELETE_FIELD, "m.x": library.DELETE_FIELD})

    assert letter.get().to_dict() == {"m": {"y": 2}}


def test_an_update_of_a_missing_document_fails(letter: Any) -> None:
    with fails(errors.NotFound, "No document to update"):
        letter.update({"a": 1})


def test_a_merge_keeps_what_it_does_not_name(letter: Any) -> None:
    letter.set({"a": 1, "m": {"x": 1}})

    letter.set({"m": {"y": 2}, "b": 3}, merge=True)

    assert letter.get().to_dict() == {"a": 1, "b": 3, "m": {"x": 1, "y": 2}}


def test_a_merge_of_some_paths_writes_those_alone(letter: Any) -> None:
    letter.set({"a": 1})

    letter.set({"b": 9, "m": {"x": 1}}, merge=["b", "m.x"])

    assert letter.get().to_dict() == {"a": 1, "b": 9, "m": {"x": 1}}


def test_a_merge_creates_a_document(letter: Any) -> None:
    letter.set({"a": 1}, merge=True)

    assert letter.get().to_dict() == {"a": 1}


def test_a_merge_removes_a_field(letter: Any) -> None:
    letter.set({"a": 1, "b": 1})

    letter.set({"a": library.DELETE_FIELD, "c": 1}, merge=True)

    assert letter.get().to_dict() == {"b": 1, "c": 1}


def test_a_set_replaces_the_document(letter: Any) -> None:
    letter.set({"a": 1})

    letter.set({"b": 1})

    assert letter.get().to_dict() == {"b": 1}


def test_a_deleted_document_is_gone_and_can_be_deleted_again(letter: Any) -> None:
    letter.set({"a": 1})

    letter.delete()
    letter.delete()

    assert not letter.get().exists


def test_the_create_time_stays_while_the_update_time_moves(letter: Any) -> None:
    letter.set({"a": 1})
    first = letter.get()

    letter.set({"a": 2})
    second = letter.get()

    assert second.create_time == first.create_time
    assert second.update_time > first.update_time


def test_the_update_time_grows_with_every_write(letter: Any) -> None:
    times = [letter.set({"a": number}).update_time for number in range(50)]

    assert times == sorted(set(times))


def test_a_write_that_changes_nothing_leaves_the_update_time(letter: Any) -> None:
    first = letter.set({"a": 1}).update_time

    assert letter.set({"a": 1}).update_time == first
    assert letter.get().update_time == first


def test_a_write_tells_the_update_time_that_is_read_later(letter: Any) -> None:
    written = letter.set({"a": 1})

    assert letter.get().update_time == written.update_time


def test_create_refuses_a_document_that_is_there(letter: Any) -> None:
    letter.create({"a": 1})

    with fails(errors.AlreadyExists, "Document already exists"):
        letter.create({"a": 2})
    assert letter.get().to_dict() == {"a": 1}


def test_create_works_after_a_delete(letter: Any) -> None:
    letter.create({"a": 1})
    letter.delete()

    letter.create({"a": 2})

    assert letter.get().to_dict() == {"a": 2}


def test_an_update_takes_the_version_that_it_asks_for(db: Any, letter: Any) -> None:
    written = letter.set({"a": 1})

    letter.update({"a": 2}, option=db.write_option(last_update_time=written.update_time))

    assert letter.get().to_dict() == {"a": 2}


def test_an_update_of_another_version_fails(db: Any, letter: Any) -> None:
    written = letter.set({"a": 1})
    letter.set({"a": 2})

    with fails(errors.FailedPrecondition, "does not match the required base version"):
        letter.update({"a": 3}, option=db.write_option(last_update_time=written.update_time))
    assert letter.get().to_dict() == {"a": 2}


def test_a_delete_of_another_version_fails(db: Any, letter: Any) -> None:
    written = letter.set({"a": 1})
    letter.set({"a": 2})

    with fails(errors.FailedPrecondition):
        letter.delete(option=db.write_option(last_update_time=written.update_time))
    assert letter.get().exists


def test_a_delete_takes_the_version_that_it_asks_for(db: Any, letter: Any) -> None:
    written = letter.set({"a": 1})

    letter.delete(option=db.write_option(last_update_time=written.update_time))

    assert not letter.get().exists


def test_a_delete_can_insist_on_a_document(db: Any, letter: Any) -> None:
    with fails(errors.NotFound):
        letter.delete(option=db.write_option(exists=True))


def test_several_documents_are_read_at_once(db: Any, letters: Any) -> None:
    letters.document("a").set({"n": 1, "m": 2})
    wanted = [letters.document(name) for name in ("a", "missing")]

    found = {each.id: each.to_dict() for each in db.get_all(wanted, field_paths=["n"])}

    assert found == {"a": {"n": 1}, "missing": None}


def test_a_document_is_added_under_an_id_of_its_own(letters: Any) -> None:
    _, added = letters.add({"a": 1})

    assert added.get().to_dict() == {"a": 1}


def test_the_collections_below_a_document_are_listed(letter: Any) -> None:
    letter.collection("s2").document("x").set({})
    letter.collection("s1").document("x").set({})

    assert [found.id for found in letter.collections()] == ["s1", "s2"]


def test_the_documents_of_a_collection_are_listed_with_those_that_only_have_others_below(letters: Any) -> None:
    letters.document("a").set({})
    letters.document("ghost").collection("s").document("x").set({})

    assert [found.id for found in letters.list_documents()] == ["a", "ghost"]


def test_a_long_list_comes_in_pages(letters: Any) -> None:
    for number in range(7):
        letters.document(str(number)).set({})

    assert [found.id for found in letters.list_documents(page_size=3)] == list("0123456")


def test_a_collection_is_deleted_with_all_below_it(db: Any, letters: Any) -> None:
    below = letters.document("a").collection("s").document("x")
    below.set({})

    db.recursive_delete(letters)

    assert list(letters.list_documents()) == []
    assert not below.get().exists


def test_a_read_in_the_past_sees_what_was_there(letter: Any) -> None:
    letter.set({"n": 1})
    then = letter.get().read_time
    letter.set({"n": 2})

    assert letter.get(read_time=then).get("n") == 1


def test_a_query_in_the_past_sees_what_was_there(letters: Any) -> None:
    letters.document("a").set({"n": 1})
    then = letters.document("a").get().read_time
    letters.document("a").delete()
    letters.document("b").set({"n": 1})

    assert [found.id for found in letters.stream(read_time=then)] == ["a"]


def test_no_read_sees_the_future(letter: Any) -> None:
    with fails(errors.InvalidArgument, "in the future"):
        letter.get(read_time=datetime(2100, 1, 1, tzinfo=UTC))


def test_no_read_goes_back_further_than_an_hour(letter: Any) -> None:
    with fails(errors.FailedPrecondition, "older than one hour"):
        letter.get(read_time=datetime(2020, 1, 1, tzinfo=UTC))
