"""What an outcome asks for and when it may be chosen: facts of a dictionary row and of a term, no database (R3.25–R3.36)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core import formats

from .choices import Condition, Effect, UsedFor
from .rules import is_comment_enough


@dataclass(frozen=True, slots=True)
class Meaning:
    """The facts of a line of the dictionary."""

    code: str
    title: str
    effect: str
    used_for: str = UsedFor.RENEWAL
    condition: str = Condition.ALWAYS
    needs_comment: bool = False
    needs_competitor: bool = False
    needs_reason: bool = False
    needs_account: bool = False
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Said:
    """What was typed, cleaned: `account` a number, `move` a value of `Move`."""

    comment: str = ""
    competitor: str = ""
    reason: str = ""
    account: int | None = None
    move: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """The term on the day. `account_only`: why it is no «Нулевка», "" when only «Аккаунт» was renewed (R3.33).

    `may_early`: a head who says so before the end. `has_extract`: a register extract is attached.
    """

    ends_on: date
    on: date
    is_ceased: bool = False
    register: str = ""
    has_extract: bool = False
    has_invoice: bool = False
    account_only: str = ""
    may_early: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """One sentence, the field it belongs to, and its code."""

    text: str
    field: str = "kind"
    code: str = "refused"


def is_for_renewal(meaning: Meaning) -> bool:
    return meaning.used_for in (UsedFor.RENEWAL, UsedFor.BOTH)


def offered(meaning: Meaning) -> Refusal | None:
    """Whether a person may choose it in a renewal at all (R3.34, R3.35)."""
    if not is_for_renewal(meaning):
        return Refusal("Этот итог указывают только в списке «Неактивные». Выберите другой.", code="inactivity")
    if not meaning.is_active:
        return Refusal(f"Итог «{meaning.title}» больше не предлагается. Выберите другой.", code="off")
    return None


def condition_refusal(meaning: Meaning, case: Case) -> Refusal | None:
    """Why it may not be chosen for this term today; None when it may."""
    what = meaning.title
    if meaning.condition == Condition.ENDED and case.ends_on >= case.on and not case.may_early:
        return Refusal(
            f"Лицензия действует по {formats.day(case.ends_on)}: «{what}» указывают после окончания, раньше это может руководитель.",
            code="not_ended",
        )
    if meaning.condition == Condition.CEASED and not (case.is_ceased or case.has_extract):
        return Refusal(
            f"По реестру организация не ликвидирована ({case.register}). Приложите электронную выписку ЕГРЮЛ или выберите другой итог.",
            code="register",
        )
    if meaning.condition == Condition.INVOICE and not case.has_invoice:
        return Refusal("Счета на продление еще нет. Нажмите «Продлить», чтобы его выставить.", code="no_invoice")
    if meaning.condition == Condition.ACCOUNT_ONLY and case.account_only:
        return Refusal(case.account_only, code="zero")
    return None


def evidence_refusal(meaning: Meaning, said: Said) -> Refusal | None:
    """What of the evidence is missing."""
    if meaning.effect == Effect.NEGATIVE and not is_comment_enough(said.comment):
        return Refusal("Напишите, почему клиент не продлевает: не меньше 10 знаков.", "comment", "comment")
    if meaning.needs_comment and not is_comment_enough(said.comment):
        return Refusal(f"Для итога «{meaning.title}» напишите комментарий: не меньше 10 знаков.", "comment", "comment")
    if meaning.needs_competitor and meaning.needs_reason and not (said.competitor and said.reason):
        field = "reason" if said.competitor else "competitor"
        return Refusal("Укажите, к какому конкуренту ушел клиент и почему.", field, "left")
    if meaning.needs_competitor and not said.competitor:
        return Refusal("Укажите, к какому конкуренту ушел клиент.", "competitor", "left")
    if meaning.needs_reason and not said.reason:
        return Refusal(f"Укажите причину: без нее итог «{meaning.title}» не сохранить.", "reason", "reason")
    if meaning.needs_account and not said.account:
        return Refusal("Укажите номер аккаунта, в который перешел клиент.", "target_number", "target")
    if meaning.effect == Effect.MOVED and not said.move:
        return Refusal(
            "Укажите, как сменили аккаунт: дополнительный абонент или вошли в группу компаний.", "move", "move"
        )
    return None
