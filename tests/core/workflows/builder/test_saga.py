"""Sagas, as the interpreter runs them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from isthmus.errors import InvalidValueError
from isthmus.workflows.builder.chain import Chain
from isthmus.workflows.builder.errors import catch, retry
from isthmus.workflows.builder.machine import StateMachine
from isthmus.workflows.builder.saga import saga, step
from isthmus.workflows.definition import parse
from isthmus.workflows.frames import Call
from isthmus.workflows.interpreter.runner import Outcome, run
from isthmus.workflows.lint.problems import problems
from isthmus.workflows.states_error import StatesError

TRIP = saga(
    step("Flight", "flight.book", undo="flight.cancel"),
    step("Mail", "mail.send"),
    step("Hotel", "hotel.book", undo="hotel.cancel"),
    step("Car", "car.book", undo="car.cancel"),
)


class World:
    """Does the work of tasks: those in `failing` fail so many times; notes what was called, and with what."""

    def __init__(self, **failing: int) -> None:
        self.failing = {name.replace("_", "."): times for name, times in failing.items()}
        self.called: list[str] = []
        self.seen: dict[str, Any] = {}

    def work(self, call: Call) -> Any:
        self.called.append(call.resource)
        self.seen[call.resource] = call.arguments
        left = self.failing.get(call.resource, 0)
        if left:
            self.failing[call.resource] = left - 1
            raise StatesError(f"{call.resource.title()}Error", f"{call.resource} is out")
        return f"did {call.resource}"

    def run(self, chain: Chain = TRIP, input: Any = None) -> Outcome:
        document = StateMachine("Trip").then(chain).succeed("Booked").document
        assert problems(document) == []
        return run(parse(document), input or {"order": 7}, self.work)


ALWAYS = 1_000


def test_a_saga_that_succeeds_has_the_results_of_its_steps() -> None:
    outcome = World().run()

    assert outcome.status == "SUCCEEDED"
    assert outcome.output == {
        "order": 7,
        **{"Flight": "did flight.book", "Mail": "did mail.send", "Hotel": "did hotel.book", "Car": "did car.book"},
    }


def test_the_steps_that_were_done_are_undone_the_newest_first_and_the_error_is_that_of_the_failed_step() -> None:
    world = World(car_book=ALWAYS)
    outcome = world.run()

    assert world.called == [
        *("flight.book", "mail.send", "hotel.book", "car.book"),
        *("hotel.cancel", "flight.cancel"),
    ]
    assert (outcome.status, outcome.error, outcome.cause) == ("FAILED", "Car.BookError", "car.book is out")


def test_what_undoes_a_step_sees_the_results_and_the_error() -> None:
    world = World(hotel_book=ALWAYS)
    world.run()

    assert world.seen["flight.cancel"] == {
        "order": 7,
        "Flight": "did flight.book",
        "Mail": "did mail.send",
        "saga": {"failure": {"Error": "Hotel.BookError", "Cause": "hotel.book is out"}},
    }


def test_a_first_step_that_fails_leaves_nothing_to_undo() -> None:
    world = World(flight_book=ALWAYS)
    outcome = world.run()

    assert world.called == ["flight.book"]
    assert (outcome.status, outcome.error) == ("FAILED", "Flight.BookError")


def test_a_compensation_is_tried_again() -> None:
    world = World(car_book=ALWAYS, hotel_cancel=5)
    outcome = world.run()

    assert world.called.count("hotel.cancel") == 6
    assert world.called[-1] == "flight.cancel"
    assert outcome.error == "Car.BookError"
    assert outcome.seconds == 2 + 4 + 8 + 16 + 32


def test_a_compensation_that_fails_for_good_does_not_stop_the_others_and_is_told_in_the_end() -> None:
    world = World(car_book=ALWAYS, hotel_cancel=ALWAYS)
    outcome = world.run()

    assert world.called[-1] == "flight.cancel"
    assert (outcome.status, outcome.error) == ("FAILED", "CompensationFailed")
    assert json.loads(outcome.cause) == {
        "failure": {"Error": "Car.BookError", "Cause": "car.book is out"},
        "notUndone": {"Hotel": {"Error": "Hotel.CancelError", "Cause": "hotel.cancel is out"}},
    }


def test_the_retriers_and_catchers_of_a_step_go_first() -> None:
    aside = Chain().pass_("Aside", next="Booked")
    chain = saga(
        step("Flight", "flight.book", undo="flight.cancel"),
        step(
            "Car",
            "car.book",
            retry=[retry("Car.BookError", max_attempts=2)],
            catch=[catch("Car.BookError", then=aside, result_path="$.noCar")],
        ),
    )
    outcome = World(car_book=3).run(chain)

    assert outcome.status == "SUCCEEDED"
    assert outcome.output["noCar"]["Error"] == "Car.BookError"


def test_a_saga_whose_steps_need_no_undoing_fails_as_they_do() -> None:
    outcome = World(mail_send=ALWAYS).run(saga(step("Mail", "mail.send")))

    assert (outcome.status, outcome.error) == ("FAILED", "Mail.SendError")


def test_two_sagas_stand_in_one_machine_by_names_of_their_own() -> None:
    first = saga(step("Flight", "flight.book", undo="flight.cancel"), step("Car", "car.book"), name="Booking")
    second = saga(step("Pay", "pay", undo="refund"), step("Thank", "thank"), name="Paying", keep="paying")
    world = World(thank=ALWAYS)
    outcome = world.run(Chain().then(first).then(second))

    assert world.called[-1] == "refund"
    assert outcome.error == "ThankError"


def test_how_often_a_compensation_is_tried_can_be_said() -> None:
    chain = saga(
        step("Flight", "flight.book", undo="flight.cancel"),
        step("Car", "car.book"),
        undo_retry=retry("Flight.CancelError", max_attempts=1, interval_seconds=1),
    )
    world = World(car_book=ALWAYS, flight_cancel=ALWAYS)
    world.run(chain)

    assert world.called.count("flight.cancel") == 2


def test_a_step_is_named_by_a_plain_word() -> None:
    with pytest.raises(InvalidValueError, match="a plain word"):
        step("Book it", "book")
