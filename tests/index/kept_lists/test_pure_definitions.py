"""A kept list depends on its fields and a row, on nothing else: no clock, setting, language, database or variable."""

import dataclasses
import datetime as dt
import dis
import time
import types
from collections.abc import Iterator
from typing import Any

import pytest

from caseapp.index.kept.definition import KeptList
from caseapp.index.row_parts import contact
from caseapp.index.rows import CaseRow, DeadlineRow, HearingRow, TaskRow
from tests.index.kept_lists.catalogue import all_kinds

ROWS = (CaseRow, DeadlineRow, HearingRow, TaskRow, contact.ClientRow, contact.StopRow, contact.ReplyRow)
CONSTANTS = (int, str, bytes, frozenset, tuple, types.MappingProxyType, dict)  # a dict in capitals is one by its name
# Functions that tell one moment, member, office or process from another; all of Django does.
VARYING = {
    "caseapp.lib.clock": {"now", "today"},
    "datetime": {"now", "today", "utcnow"},
    "uuid": {"uuid1", "uuid4"},
}
REFUSED = {"django", "os", "random", "secrets", "socket", "threading", "time"}  # modules, whole
KINDS = sorted(all_kinds(), key=lambda kind: kind.__qualname__)


def functions_of(kind: type[KeptList[Any]]) -> Iterator[types.FunctionType]:
    """Every function that `items_in` of a list can reach by the names in its code."""
    reached, waiting = set[types.FunctionType](), [vars(kind)["items_in"]]
    while waiting:
        function = waiting.pop()
        if function in reached:
            continue
        reached.add(function)
        yield function
        for value in values_in(kind, function):
            if isinstance(value, types.FunctionType) and value.__module__.startswith("caseapp."):
                waiting.append(value)
            if isinstance(value, type) and issubclass(value, KeptList) and value is not KeptList:
                waiting.append(vars(value)["items_in"])


def values_in(kind: type[KeptList[Any]], function: types.FunctionType) -> Iterator[object]:
    """Every value outside of a function that its code names: globals, what is read from them, methods, properties."""
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        codes += [each for each in code.co_consts if isinstance(each, types.CodeType)]
        read: object = None
        for step in dis.get_instructions(code):
            if step.opname in {"PRECALL", "CACHE", "PUSH_NULL"}:
                continue
            if step.opname == "LOAD_GLOBAL" and step.argval in function.__globals__:
                read = function.__globals__[step.argval]
                yield read
            elif step.opname in {"LOAD_ATTR", "LOAD_METHOD"} and isinstance(read, types.ModuleType | type):
                read = getattr(read, step.argval)
                yield read
            else:
                read = None
        for owner in (kind, *ROWS):
            for name in code.co_names:
                member = vars(owner).get(name)
                yield member.fget if isinstance(member, property) else member


def module_of(value: object) -> str:
    """The module of a function or class, or of the class that a method like `date.today` belongs to."""
    if isinstance(value, types.ModuleType):
        return value.__name__
    owner = getattr(value, "__self__", None)
    return getattr(value, "__module__", "") or getattr(owner if isinstance(owner, type) else None, "__module__", "")


def test_what_tells_one_moment_from_another_is_refused() -> None:
    """`date.today` is a method of C, which names its module only by its class."""
    for varying in (dt.date.today, dt.datetime.now):
        assert varying.__name__ in VARYING[module_of(varying)]
    assert {module_of(value) for value in (time.monotonic, time)} == {"time"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_reads_its_fields_and_a_row_alone(kind: type[KeptList[Any]]) -> None:
    for function in functions_of(kind):
        assert function.__closure__ is None, f"{function.__qualname__} reads a variable of another function"
        stores = {each.opname for each in dis.get_instructions(function)}
        assert not stores & {"STORE_GLOBAL", "DELETE_GLOBAL", "STORE_ATTR"}, (
            f"{function.__qualname__} changes something"
        )
        for value in values_in(kind, function):
            module, name = module_of(value), getattr(value, "__name__", "")
            assert module.partition(".")[0] not in REFUSED, f"{function.__qualname__} reads {name} of {module}"
            assert name not in VARYING.get(module, ()), f"{function.__qualname__} reads {name}()"
            is_known = isinstance(value, (types.ModuleType, type, types.FunctionType, *CONSTANTS)) or (
                value is None
                or module in {"datetime", "typing"}
                or type(value).__module__ in {"datetime", "typing"}
                or isinstance(
                    value, types.MethodDescriptorType | types.BuiltinFunctionType | types.MemberDescriptorType
                )
            )
            assert is_known, f"{function.__qualname__} reads a variable: {value!r}"


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_is_found_by_all_of_its_fields(kind: type[KeptList[Any]]) -> None:
    waiting: list[Any] = [kind]
    while waiting:
        shape = waiting.pop()
        parameters: Any = shape.__dataclass_params__
        assert parameters.frozen, "a field could change after the list was kept"
        assert parameters.eq, "two definitions would be one list by chance"
        assert "__hash__" in vars(shape)
        for field in dataclasses.fields(shape):
            assert field.compare, f"{field.name} would not tell one list from another"
            assert field.hash is None
            if dataclasses.is_dataclass(field.type):
                waiting.append(field.type)
