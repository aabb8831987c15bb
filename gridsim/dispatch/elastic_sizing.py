r"""The program of sizing with limits that may move.

It has no costs. Everything that a user has set as a limit may move: annual limits, thresholds of enforced rules, ends of the ranges of the free capacities,
limits of grid connections, the amounts of loads and quotas. How the program depends on a number of the park is found by writing the program down with another
number. Ends and amounts enter bounds and right-hand sides in a straight line, so that each is one more column :math:`\theta` (relative to the number itself).
An annual share :math:`s` multiplies flows; its row is :math:`g_0(z) + s\,g_1(z) \ge 0`, and the best share that can be reached is the fixed point of

.. math:: z_k = \arg\max_z\; g_0(z) + s_k\, g_1(z), \qquad s_{k+1} = -g_0(z_k) / g_1(z_k)

Flows that must not meet are left out, and where hours are taken together their averages are a relaxation: a limit has to move at least as far as is found.

References
----------
.. [1] W. Dinkelbach, "On nonlinear fractional programming," Management Science 13(7), 492-498, 1967. doi:10.1287/mnsc.13.7.492
.. [2] J. W. Chinneck, "Feasibility and Infeasibility in Optimization," Springer, 2008: elastic programs. doi:10.1007/978-0-387-74932-7
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gridsim.dispatch.highs import Arrays, HighsProgram
from gridsim.dispatch.model import make_draft
from gridsim.dispatch.program import make_program
from gridsim.dispatch.rules import PREFIX as RULE
from gridsim.dispatch.rules import enforced
from gridsim.dispatch.segments import segmented, single_steps
from gridsim.dispatch.sizes import find_sizes
from gridsim.rules.library import rule_set_of
from gridsim.technologies.draft import DemandCharge, PeriodLimit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from gridsim.dispatch.program import Program
    from gridsim.dispatch.sizes import Free, Sizes
    from gridsim.park.park import Park
    from gridsim.technologies.draft import NetworkDraft

REACH = 100.0
"""How many times its number a limit may move; what needs more is no remedy (judged)."""

MOST_DROPPED = 0.9
"""Share of a demand; a park that serves less of it is another park (judged)."""

SAME_SHARE = 1e-6
MOST_ROUNDS = 20
OPTIONS: dict[str, Any] = {"solver": "simplex", "presolve": "on", "threads": 1}
CONNECTION_FIELDS = ("import_limit_mw", "export_limit_mw")
TRIAL = 0.5
"""Share of a number by which it is moved to see what moves with it."""


@dataclass(frozen=True)
class Limit:
    """Something a user has set that may stand in the way."""

    path: str
    value: float
    sign: float
    """Of the direction that eases: +1 is up."""
    kind: str
    """``share`` (or another threshold of a year), ``rule`` that holds in every month, ``end`` of a range, ``connection`` or ``demand``."""
    largest: float = 1.0
    """No share exceeds this."""
    document: str = ""
    """Of a rule: number of its document, as it is cited."""
    metric: str = ""
    """Of a rule: what is held against the threshold, in words."""

    @property
    def scale(self) -> float:
        """What a move of 1 means."""
        return abs(self.value) if self.value else 1.0

    @property
    def most(self) -> float:
        """Largest move."""
        return REACH if self.sign > 0.0 and self.kind != "rule" else MOST_DROPPED if self.kind == "demand" else 1.0

    def moved(self, by: float) -> float:
        """Return the number after a move."""
        return self.value + self.sign * self.scale * by


Move = dict[Limit, float]
"""The number that each limit has to have."""


class ElasticSizing:
    """The program of sizing with a column for each limit's move. N columns of the program, L limits."""

    def __init__(self, park: Park, free: Sequence[Free], segments: int | None) -> None:
        self.park, self.free = park, tuple(free)
        draft, _ = find_sizes(park, free)
        self.parts = single_steps(draft.steps) if segments is None else segmented(_costless(draft), segments)
        self.program = self._program(park)
        self.limits = list(self._limits(draft))
        self.matrix_parts: list[tuple[Any, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]] = []
        self._write(draft)

    def _program(self, park: Park) -> Program:
        """Write the program for a park like this one, with ranges as wide as they may become and no costs."""
        draft, sizes = find_sizes(park, self.free)
        return make_program(_costless(draft), self.parts, _widened(sizes))

    def _limits(self, draft: NetworkDraft) -> Iterator[Limit]:
        for request in draft.requests:
            if isinstance(request, PeriodLimit) and request.need.startswith("limits."):
                share = getattr(self.park.limits, request.need.removeprefix("limits."))
                yield Limit(request.need, share, -1.0 if request.need.endswith("_min") else 1.0, "share")
        yield from self._rules(draft)
        for one in self.free:
            yield Limit(one.path, one.upper, 1.0, "end")
            if one.lower > 0.0:
                yield Limit(one.path, one.lower, -1.0, "end")
        for name, technology in self.park.technologies.items():
            for field in CONNECTION_FIELDS:
                if getattr(technology, field, None) is not None:
                    yield Limit(f"technologies.{name}.{field}", getattr(technology, field), 1.0, "connection")
            if (field := self._amount(name, draft)) is not None:
                yield Limit(f"technologies.{name}.{field}", getattr(technology, field), -1.0, "demand")

    @staticmethod
    def _rules(draft: NetworkDraft) -> Iterator[Limit]:
        """Yield the rules that are enforced; those with a row an hour are left out."""
        rows = {request.name: request.right.size for request in draft.requests if isinstance(request, PeriodLimit) and request.name.startswith(RULE)}
        for name, (rule, threshold) in enforced(draft).items():
            if count := rows.get(RULE + name):
                kind = "share" if count == 1 and rule.of.kind != "power" else "rule"
                document = rule_set_of(draft.park, name.partition(".")[0]).document
                yield Limit(RULE + name, threshold, -1.0 if rule.sense == ">=" else 1.0, kind, rule.of.largest, document, rule.of.label_en)

    def _amount(self, name: str, draft: NetworkDraft) -> str | None:
        """Return the field of a load or quota to which its need is proportional."""
        needed = _need(draft, name)
        if not needed.any():
            return None
        for field, value in self.park.technologies[name]:
            if isinstance(value, float) and value > 0.0 and f"technologies.{name}.{field}" not in {one.path for one in self.free}:
                try:
                    other = _need(make_draft(_changed(self.park, name, field, value * (1.0 + TRIAL)), draft.level), name)
                except (ArithmeticError, ValueError):
                    continue
                if other.shape == needed.shape and np.allclose(other, (1.0 + TRIAL) * needed, rtol=1e-9):
                    return field
        return None

    # ---- the program

    def _write(self, draft: NetworkDraft) -> None:
        """Add a column for each move, and rows for the bounds that it moves."""
        from scipy.sparse import csc_matrix, csr_matrix, hstack, vstack

        program, count = self.program, len(self.limits)
        upper = program.upper.copy()
        table = csr_matrix((program.matrix.shape[0], count)).tolil()
        more: list[tuple[NDArray[np.int64], int, NDArray[np.float64], NDArray[np.float64], bool]] = []
        self.shares = self._share_rows()
        for number, limit in enumerate(self.limits):
            if limit.kind == "share":
                row, _, slope = self.shares[limit.path]
                table[row, number] = (1.0 if np.isfinite(program.row_lower[row]) else -1.0) * slope * max(1.0, abs(limit.value))
            elif limit.kind == "rule":
                rows = program.period[limit.path]
                farthest = abs(program.matrix[rows]) @ np.maximum(np.abs(program.lower), np.abs(program.upper))
                table[rows, number] = (-limit.sign * farthest).reshape(-1, 1)
            elif limit.kind == "end":
                column = np.array([program.size.start + [one.path for one in self.free].index(limit.path)])
                more.append((column, number, np.array([limit.sign * limit.scale]), np.array([limit.value]), limit.sign > 0.0))
            elif (found := self._moved_by(limit)) is not None:
                rows, slope = found
                places = np.flatnonzero(rows)
                table[places, number] = -rows[places]
                columns = np.flatnonzero(slope)
                more.append((columns, number, slope[columns], upper[columns].copy(), True))
                upper[columns] += np.maximum(slope[columns], 0.0) * limit.most
        width = program.cost.size
        extra = [self._bound_rows(width, count, *one) for one in more]
        main = hstack([program.matrix, csc_matrix(table)])
        matrix = vstack([main, *(rows for rows, _, _ in extra)], format="csr")
        self.row_lower = np.concatenate([program.row_lower, *(low for _, low, _ in extra)])
        self.row_upper = np.concatenate([program.row_upper, *(high for _, _, high in extra)])
        self.count, self.width = count, width
        zeros = np.zeros(width + count)
        lower, upper = np.concatenate([program.lower, np.zeros(count)]), np.concatenate([upper, np.zeros(count)])
        arrays = Arrays(zeros, lower, upper, self.row_lower, self.row_upper, matrix.indptr, matrix.indices, matrix.data, np.zeros(width + count, dtype=bool))
        self.kept = HighsProgram(arrays, OPTIONS)

    @staticmethod
    def _bound_rows(width: int, count: int, columns: Any, number: int, slope: Any, bound: Any, is_upper: bool) -> tuple[Any, Any, Any]:
        """Write z - slope * move <= bound, or >=."""
        from scipy.sparse import csr_matrix

        each = np.arange(columns.size)
        row, column = np.concatenate([each, each]), np.concatenate([columns, np.full(columns.size, width + number)])
        rows = csr_matrix((np.concatenate([np.ones(columns.size), -slope]), (row, column)), shape=(columns.size, width + count))
        none = np.full(columns.size, np.inf)
        return (rows, -none, bound) if is_upper else (rows, bound, none)

    def _moved_by(self, limit: Limit) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Return how right-hand sides and upper bounds move with a limit; None where more than these moves."""
        _, name, field = limit.path.split(".")
        here, there = self.program, self._program(_changed(self.park, name, field, limit.moved(TRIAL)))
        if here.matrix.shape != there.matrix.shape or abs(here.matrix - there.matrix).max() > 0.0 or np.any(here.lower != there.lower):
            return None
        with np.errstate(invalid="ignore"):
            low, high = ((b - a) / TRIAL for a, b in ((here.row_lower, there.row_lower), (here.row_upper, there.row_upper)))
        return np.where(np.isfinite(low), low, np.where(np.isfinite(high), high, 0.0)), (there.upper - here.upper) / TRIAL

    def _share_rows(self) -> dict[str, tuple[int, list[tuple[NDArray[np.float64], float]], float]]:
        """Row of each annual limit, with its coefficients and right-hand side at the shares 0 and 1, and the energy that a share of 1 is about."""
        paths = [limit.path for limit in self.limits if limit.kind == "share"]
        if not paths:
            return {}
        found = {}
        ends = [self._program(_at_shares(self.park, paths, share)) for share in (0.0, 1.0)]
        for path in paths:
            row = self.program.period[path].start
            rows = []
            for program in ends:
                at = program.period[path].start
                right = program.row_lower[at] if np.isfinite(program.row_lower[at]) else program.row_upper[at]
                rows.append((program.matrix[at].toarray().ravel(), float(right)))
            apart = rows[1][0] - rows[0][0]
            slope = abs(rows[1][1] - rows[0][1]) + float(np.abs(apart[self.program.size]) @ [one.upper for one in self.free])
            found[path] = row, rows, slope or float(np.abs(apart) @ np.abs(self.program.upper)) or 1.0
        return found

    # ---- solves

    def _solve(self, cost: NDArray[np.float64], moving: Sequence[Limit]) -> NDArray[np.float64] | None:
        """Return the columns of least cost while some limits may move; None where there are none."""
        highs, total = self.kept.highs, self.width + self.count
        places = np.arange(self.width, total, dtype=np.int32)
        highs.changeColsBounds(self.count, places, np.zeros(self.count), np.array([limit.most if limit in moving else 0.0 for limit in self.limits]))
        highs.changeColsCost(total, np.arange(total, dtype=np.int32), cost)
        answer = self.kept.solve()
        return answer.columns if answer.condition == "optimal" else None

    def _moves(self, moving: Sequence[Limit]) -> tuple[float, Move] | None:
        """Return the smallest sum of moves and what each limit then is."""
        cost = np.concatenate([np.zeros(self.width), np.ones(self.count)])
        columns = self._solve(cost, moving)
        if columns is None:
            return None
        moves = columns[self.width :]
        found = {
            limit: self._reached(limit, columns) if limit.kind == "share" else limit.moved(by)
            for limit, by in zip(self.limits, moves, strict=True)
            if limit in moving and by > SAME_SHARE
        }
        return float(moves.sum()), found

    def _reached(self, limit: Limit, columns: NDArray[np.float64]) -> float:
        """Share at which the limit would hold with equality."""
        _, ((low, right_low), (high, right_high)), _ = self.shares[limit.path]
        values = columns[: self.width]
        at_zero, at_one = low @ values - right_low, high @ values - right_high
        return float(at_zero / (at_zero - at_one)) if at_zero != at_one else limit.value

    def furthest(self, limit: Limit) -> float | None:
        """Return the best share that can be reached while all other limits hold."""
        row, ((low, _), (high, _)), _ = self.shares[limit.path]
        side = -1.0 if np.isfinite(self.row_lower[row]) else 1.0
        self.kept.highs.changeRowBounds(row, -np.inf, np.inf)
        share = limit.value
        try:
            for _ in range(MOST_ROUNDS):
                cost = side * (low + share * (high - low))
                columns = self._solve(np.concatenate([cost, np.zeros(self.count)]), ())
                if columns is None:
                    return None
                before, share = share, self._reached(limit, columns)
                if abs(share - before) <= SAME_SHARE:
                    break
        finally:
            self.kept.highs.changeRowBounds(row, self.row_lower[row], self.row_upper[row])
        return share

    def remedies(self) -> list[Move] | None:
        """Return what would free the park, as `colliding`."""
        alone: list[Move] = []
        for limit in self.limits:
            if limit.kind == "share":
                share = self.furthest(limit)
                if share is not None and -SAME_SHARE <= share <= limit.largest + SAME_SHARE:
                    if limit.sign * (share - limit.value) <= SAME_SHARE:
                        return []  # it holds as it is
                    alone.append({limit: share})
            elif (found := self._moves([limit])) is not None:
                if not found[1]:
                    return []
                alone.append(found[1])
        if alone:
            return alone
        together = self._moves(self.limits)
        if together is None:
            return None
        return self._pairs() or [together[1]]

    def _pairs(self) -> list[Move]:
        """Return every limit with the other that has to move least beside it, where one other is enough; the smallest sum of moves first."""
        found: dict[frozenset[Limit], tuple[float, Move]] = {}
        for limit in self.limits:
            others = [other for other in self.limits if {limit.kind, other.kind} != {"share", "demand"}]  # amounts and shares multiply each other
            cost = np.array([float(other is not limit) for other in self.limits])
            columns = self._solve(np.concatenate([np.zeros(self.width), cost]), others)
            beside = [] if columns is None else [other for other, by in zip(self.limits, columns[self.width :] * cost, strict=True) if by > SAME_SHARE]
            pair = frozenset({limit, *beside})
            if len(beside) == 1 and pair not in found and (moves := self._moves(list(pair))) is not None:
                found[pair] = moves
        return [move for _, move in sorted(found.values(), key=lambda moves: moves[0])]


def _costless(draft: NetworkDraft) -> NetworkDraft:
    """Return the draft without prices, so that hours of different price can be taken together."""
    components = {
        name: dataclasses.replace(component, attributes={key: value for key, value in component.attributes.items() if key != "marginal_cost"})
        for name, component in draft.components.items()
    }
    return dataclasses.replace(draft, components=components, requests=[one for one in draft.requests if not isinstance(one, DemandCharge)])


def _widened(sizes: Sizes) -> Sizes:
    """Let ranges begin at nothing and end where no remedy would go."""
    wide = tuple(dataclasses.replace(one, lower=0.0, upper=(1.0 + REACH) * max(one.upper, 1.0)) for one in sizes.free)
    return dataclasses.replace(sizes, free=wide, cost_cny=np.zeros(len(wide)), constant_cny=0.0)


def _changed(park: Park, name: str, field: str, value: float) -> Park:
    return dataclasses.replace(park, technologies={**park.technologies, name: park.technologies[name].model_copy(update={field: value})})


def _at_shares(park: Park, paths: Sequence[str], share: float) -> Park:
    """Return a park whose annual limits, and thresholds of rules, are all one number."""
    limits = {path.removeprefix("limits."): share for path in paths if path.startswith("limits.")}
    thresholds = {path.removeprefix(RULE): share for path in paths if path.startswith(RULE)}
    rules = park.rules.model_copy(update={"thresholds": {**park.rules.thresholds, **thresholds}})
    return dataclasses.replace(park, limits=park.limits.model_copy(update=limits), rules=rules)


def _need(draft: NetworkDraft, name: str) -> NDArray[np.float64]:
    """Return what a technology has to be given: its loads, and its quotas."""
    loads = [component["p_set"] for component in draft.components.values() if component.kind == "Load" and component.technology == name]
    quotas = [request.right for request in draft.requests if isinstance(request, PeriodLimit) and request.need == name]
    return np.concatenate([*loads, *quotas, np.zeros(0)])
