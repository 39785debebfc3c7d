"""Examples of the document: they work where the school and the graduate are known."""

from typing import Any

RECORD: dict[str, Any] = {
    "source_id": "37-2026-0001",
    "version": 7,
    "void": False,
    "yxdm": "10425",
    "byjc": "2026",
    "xm": "李娟",
    "ksh": "26370101150001",
    "sbsj": "2026-06-03T10:11:12+08:00",
    "byqxdm": "10",
    "qyrq": "2026-05-20",
    "dwmc": "青岛海纳软件有限公司",
    "dwzzjgdm": "91350100M000100Y43",
    "dwxzdm": "31",
    "dwhydm": "34",
    "dwszddm": "370202",
    "gzzwlbdm": "13",
    "dwlxr": "孙经理",
    "lxrdh": "0532-86981234",
    "dwdz": "香港中路1号",
    "dwyb": "266071",
    "dazdlx": "签约单位接收",
    "dazjdwmc": "青岛市人才服务中心",
    "dazjdwszddm": "370202",
    "dazjdwdz": "青岛市市南区海尔路178号",
    "dazjdwyb": "266071",
    "dazjlxr": "档案科",
    "dazjlxdh": "0532-88916011",
    "hkqylx": "签约单位接收",
    "hkqzdzdm": "370202",
}
"""Of a graduate who signed an agreement."""
VOID: dict[str, Any] = {"source_id": "37-2026-0002", "version": 3, "void": True}
FOREIGN: dict[str, Any] = {**RECORD, "source_id": "37-2026-0003", "version": 1, "yxdm": "99999"}
BATCH: dict[str, Any] = {"records": [RECORD, VOID, FOREIGN]}
_COUNTS = {
    "created": 2,
    "updated": 0,
    "unchanged": 0,
    "stale": 0,
    "rejected": 1,
    "version_conflict": 0,
}
ROW_ANSWER: dict[str, Any] = {
    "index": 0,
    "source_id": "37-2026-0001",
    "outcome": "created",
    "version": 7,
    "errors": [],
    "warnings": [],
}
BATCH_ANSWER: dict[str, Any] = {
    "batch": "5f2b6c1d9a30",
    "dry_run": False,
    "counts": _COUNTS,
    "results": [
        ROW_ANSWER,
        {**ROW_ANSWER, "index": 1, "source_id": "37-2026-0002", "version": 3},
        {
            **ROW_ANSWER,
            "index": 2,
            "source_id": "37-2026-0003",
            "outcome": "rejected",
            "version": 1,
            "errors": [
                {
                    "pointer": "#/records/2/yxdm",
                    "code": "school_not_yours",
                    "detail": "学校代码不属于本省。",
                }
            ],
        },
    ],
}
CHANGE_PAGE: dict[str, Any] = {
    "items": [
        {
            "seq": 1,
            "kind": "confirmed",
            "at": "2026-06-10T10:00:00+08:00",
            "source_id": "37-2026-0001",
            "version": 7,
            "yxdm": "10425",
            "byjc": "2026",
            "ksh": "26370101150001",
            "xh": "2022000001",
            "confirmation": "confirmed",
            "items": [],
            "numbers": [],
            "purpose": None,
            "level": None,
            "passed": None,
            "closed": None,
        }
    ],
    "next": "c1.9f3a5c27.1",
    "more": False,
}
SYNC: dict[str, Any] = {
    "yxdm": "10425",
    "yxmc": "测试大学10425",
    "synced_at": "2026-06-10T10:00:00+08:00",
    "day": "2026-06-10",
    "counts": {**_COUNTS, "created": 1, "rejected": 0},
    "rows": 1,
    "error_share": 0.0,
    "standing": 1,
    "feed_unread": 1,
    "feed_read_at": None,
}
HEALTH: dict[str, Any] = {
    "status": "ok",
    "time": "2026-06-10T02:00:00Z",
    "keyid": "37-9f3a5c27",
    "province": "370000",
}
