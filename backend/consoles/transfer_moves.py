"""The steps of a transfer and its vehicles as pages offer them: what each is called, what will happen to how many."""

from typing import NamedTuple

from healthcode.transfers.rules import State, TripState


class Move(NamedTuple):
    """A step that an office may take, and what its dialog says; {people}, {origin} and {destination} are filled in."""

    label: str
    consequence: str
    look: str = "btn-primary"
    needs_note: bool = False


MOVES = {
    State.OFFERED: Move(
        "提交给输入地",
        "{destination}将看到这次输送和花名册上的 {people} 人（姓名、证件打码），他们的健康码颜色、"
        "出发前一天起的最后地点和到达情况；户籍地址始终只有本单位能看。",
    ),
    State.AGREED: Move(
        "确认接收",
        "{origin}会看到您已确认接收花名册上的 {people} 人。确认以后，需要联系本人时可以写明用途查看姓名、证件和电话。",
    ),
    State.ENROLLING: Move(
        "开始报名",
        "{destination}会看到报名已开始。请通知花名册上的 {people} 人登记和申报；出发以前可以继续补充、替换和移除人员。",
    ),
    State.DEPARTING: Move(
        "准备出发",
        "已登记的人会收到出行通知（车次、出发时间、座位）。之后可以逐车登记发车；没有发车的车次仍可以改名单。",
    ),
    State.IN_TRANSIT: Move(
        "登记已出发",
        "花名册上没有车次，{people} 人记为已自行出发，{destination}会看到。出发以后不能再取消。",
    ),
    State.ARRIVED: Move(
        "登记已到达", "这次输送的 {people} 人记为已到达输入地，{origin}会看到。每个人是否到达仍以本人的到达记录为准。"
    ),
    State.ON_DUTY: Move("登记已上岗", "{origin}会看到人员已由用工企业接收上岗。健康检查继续，直到输送结束。"),
    State.CLOSED: Move(
        "结束输送",
        "对 {people} 人的健康和位置检查停止，不再提醒他们；14 天后贵单位不能再看这份花名册。结束后不能恢复。",
        "btn",
        needs_note=True,
    ),
    State.CANCELLED: Move(
        "取消输送",
        "对 {people} 人的检查停止，已登记的人会收到取消通知，花名册不能再修改；{destination}能再看 14 天。"
        "取消后不能恢复。",
        "btn-outline-danger",
        needs_note=True,
    ),
}
RECALL = Move(
    "取消并召回",
    "有车辆已经在路上：没有发车的车次立即取消，在途的车辆改为返回，车上的人会收到通知。"
    "车辆都返回以前，检查和照看照常进行，{destination}也能看到；已经到达的人由输入地照常接收。",
    "btn-outline-danger",
    needs_note=True,
)
TRIP_MOVES = {
    TripState.ON_THE_WAY: Move("登记发车", "车上 {people} 人的名单从此不能再改，{destination}会看到已经发车。"),
    TripState.ARRIVED: Move("登记到达", "{origin}会看到车辆已到达。"),
    TripState.RETURNED: Move("登记已返回", "车辆已回到出发地，对车上 {people} 人的检查停止。"),
    TripState.RETURNING: Move(
        "召回车辆",
        "车辆从现在起返回出发地，车上已登记的人会收到通知，{destination}会看到。返回以前照常检查。",
        "btn-outline-danger",
        needs_note=True,
    ),
    TripState.CANCELLED: Move(
        "取消车次",
        "这个车次不再发车，{people} 人中已登记的会收到通知；可以在花名册里把他们改到别的车次。取消后不能恢复。",
        "btn-outline-danger",
        needs_note=True,
    ),
}
