"""TEMPLATESENDJOBFINISH: what became of a message, told by a push after it was accepted."""

from dataclasses import dataclass

from sandbox import events
from sandbox.callbacks import Push
from sandbox.calls.asked import Asked
from sandbox.faults import Behaviour, Fault
from sandbox.messages import SUCCESS, Message
from sandbox.phones import Phone
from sandbox.world import World

USER_BLOCK = "failed:user block"
# The first receipt and its twin are a moment apart, as repeats are.
TWIN_AFTER = 0.2


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the receipt will say, and how its sending goes wrong if it was ordered to."""

    status: str
    fault: Fault | None

    def send(self, world: World, message: Message, asked: Asked) -> None:
        """Push it as planned: usually once, a moment later."""
        zero = self._is(Behaviour.RECEIPT_ZERO)
        push = self._push(world, message, 0 if zero else message.msgid)
        if self._is(Behaviour.RECEIPT_NEVER):
            return
        if self._is(Behaviour.RECEIPT_EARLY):
            asked.before_answer.append(world.pusher.deliver(push))
            return
        delay = self._delay(world)
        world.pusher.push(push, delay)
        if self._is(Behaviour.RECEIPT_TWICE):
            world.pusher.push(push, delay + TWIN_AFTER)

    def _is(self, behaviour: Behaviour) -> bool:
        return self.fault is not None and self.fault.behaviour == behaviour

    def _push(self, world: World, message: Message, msgid: int) -> Push:
        fields = events.event(
            world.config.account_id,
            message.openid,
            world.now(),
            "TEMPLATESENDJOBFINISH",
            MsgID=msgid,
            Status=self.status,
        )
        return Push(message.openid, fields)

    def _delay(self, world: World) -> float:
        usual = world.config.receipt_delay * (0.5 + world.random.random())
        if self.fault is not None and self._is(Behaviour.RECEIPT_LATE):
            return self.fault.seconds
        if self.fault is not None and self._is(Behaviour.RECEIPT_SHUFFLED):
            return self.fault.seconds * self.fault.random.random()
        return usual


def plan_receipt(world: World, asked: Asked, phone: Phone) -> Receipt:
    """Decide what this person's receipt will say."""
    fault = world.faults.for_receipt(asked.path, phone.openid) if world.faults.standing else None
    if phone.blocked:
        return Receipt(USER_BLOCK, fault)
    if fault is not None and fault.behaviour == Behaviour.RECEIPT_STATUS:
        return Receipt(fault.receipt_status, fault)
    return Receipt(SUCCESS, fault)
