"""More oracles of foreign systems: payment cuts, sports, grades, quotas."""

from __future__ import annotations

from decimal import Decimal

from tests.foreign.oracles import (
    F,
    N,
    Random,
    Sheet,
    at_least,
    at_most,
    dec,
    first,
    mean,
    percentile,
    place,
    rounded,
)  # fmt: skip


def yes_no(rng: Random, share: float = 0.5) -> str:
    return "是" if rng.random() < share else "否"


# green buildings


def breeam_inputs(rng: Random) -> list[Sheet]:
    def sheet() -> Sheet:
        there = [0 if rng.random() < 0.15 else n for n in (20, 20, 10)]
        got = [rng.randint(n // 4, n) for n in there]
        names = ("man", "ene", "wat")
        return {
            **dict(zip([f"{n}_avail" for n in names], there, strict=True)), **dict(zip(names, got, strict=True)),
            "inn": rng.randint(0, 12), "man03": rng.randint(0, 3),
            "ene01": rng.randint(3, 7), "wat01": rng.randint(0, 3),
            "timber": yes_no(rng, 0.9),
        }  # fmt: skip

    return [sheet() for _ in range(N)]


def breeam(sheets: list[Sheet]) -> list[Sheet]:
    results = []
    for s in sheets:
        parts = [(w, F(s[n], s[f"{n}_avail"])) for w, n in ((20, "man"), (50, "ene"), (30, "wat")) if s[f"{n}_avail"]]
        if not parts:  # innovation alone is no building
            results.append({"SCORE": None, "RATING": None})
            continue
        score = sum(w * x for w, x in parts) * 100 / F(sum(w for w, _ in parts))
        score = min(score + min(s["inn"], 10), F(100))
        level = first(score, (85, 70, 55, 45, 30), (5, 4, 3, 2, 1, 0), at_least)
        keeps = {
            5: s["man03"] >= 2 and s["ene01"] >= 6 and s["wat01"] >= 2,
            4: s["man03"] >= 1 and s["ene01"] >= 4 and s["wat01"] >= 1,
            3: s["wat01"] >= 1, 2: s["wat01"] >= 1, 1: True,
        }  # fmt: skip
        # the highest level whose standards, and those of all below it, are kept: 2 asks no more than 1 does
        allowed = next(r for r in (5, 4, 3, 1) if keeps[r]) if s["timber"] == "是" else 0
        words = ("未评级", "通过", "好", "很好", "优秀", "杰出")
        results.append({"SCORE": score, "RATING": words[min(level, allowed)]})
    return results


# school grades


def matura_inputs(rng: Random) -> list[Sheet]:
    def marks() -> list[Sheet]:
        top = rng.choice([2, 3, 4, 5])
        return [{"mark": str(rng.choice([1, 1, 2, rng.randint(1, top)]))} for _ in range(rng.randint(1, 8))]

    return [{"lists": {"subjects": marks()}} for _ in range(N)]


def matura(sheets: list[Sheet]) -> list[Sheet]:
    results = []
    for s in sheets:
        marks = [int(row["mark"]) for row in s["lists"]["subjects"]]
        average, worst = F(sum(marks), len(marks)), max(marks)
        good = worst <= 3
        grade = "优异" if good and average <= F(3, 2) else "良好" if good and average <= 2 else "通过"
        results.append(
            {
                "GRADE": "不通过" if worst == 5 else grade,
                "MEAN": average,
                "CERTIFICATE": rounded(average, 1, "truncate"),
            }
        )
    return results


# kidney care


ESRD = (
    ("CARE", "高", 9, "94.33", "99.42", 11), ("CARE", "低", 12, "18.35", "4.69", 11),
    ("COORD", "低", 12, "34.27", "16.18", 11), ("COORD", "低", 12, "187.8", "105.54", 5),
    ("SAFE", "低", 8, "0.877", "0", 11),
)  # fmt: skip


def esrd_inputs(rng: Random) -> list[Sheet]:
    def row(measure: tuple[str, ...]) -> Sheet:
        low, high = sorted((F(measure[3]), F(measure[4])))
        result = {"cases": rng.choice([0, 4, 5, 10, 11, 50])}
        for key in ("now", "then"):
            at = rng.choice([low, high, low + (high - low) * F(rng.randint(-4, 24), 20)])
            if rng.random() < 0.85:
                result[key] = at
        return result

    return [{"lists": {"m": [row(measure) for measure in ESRD]}} for _ in range(N)]


def esrd(sheets: list[Sheet]) -> list[Sheet]:
    results = []
    for s in sheets:
        found: dict[str, list[tuple[int, F]]] = {"CARE": [], "COORD": [], "SAFE": []}
        for (domain, way, weight, start, stop, least), row in zip(ESRD, s["lists"]["m"], strict=True):
            if row["cases"] < least or "now" not in row:
                continue
            sign = 1 if way == "高" else -1
            now, low, high = sign * row["now"], sign * F(start), sign * F(stop)
            best = F(10) if now >= high else F(0)
            if low <= now < high:
                best = rounded(F(1, 2) + 9 * (now - low) / (high - low), 0)
            then = sign * row["then"] if "then" in row else None
            if then is not None and now > then:
                gained = F(9) if now >= high else rounded(10 * (now - then) / (high - then) - F(1, 2), 0)
                best = max(best, min(max(gained, F(0)), F(9)))
            found[domain].append((weight, best))
        domains = {k: sum(w * x for w, x in v) / F(sum(w for w, _ in v)) if v else None for k, v in found.items()}
        there = [(w, domains[k]) for k, w in (("CARE", 40), ("COORD", 35), ("SAFE", 25)) if domains[k] is not None]
        total = rounded(10 * sum(w * x for w, x in there) / F(sum(w for w, _ in there)), 0) if len(there) > 1 else None
        cut = (
            None
            if total is None
            else first(total, (53, 43, 33, 23), [F(x, 1000) for x in (0, 5, 10, 15, 20)], at_least)
        )
        results.append({**domains, "TPS": total, "CUT": cut})
    return results


# readmissions


HRRP = ("ami", "hf", "pn", "copd", "cabg", "hk")


def hrrp_inputs(rng: Random) -> list[Sheet]:
    def sheet() -> Sheet:
        result: Sheet = {"dual": rng.randint(0, 50), "stays": 100, "base": 1000, "neutral": F("0.9483")}
        for key in HRRP:
            if rng.random() < 0.9:
                result |= {
                    key: F(rng.randint(80, 125), 100),
                    f"{key}_n": rng.choice([24, 25, 90]),
                    f"{key}_pay": rng.randint(9, 90),
                }
        return result

    return [sheet() for _ in range(N)]


def hrrp(sheets: list[Sheet]) -> list[Sheet]:
    dual = [F(s["dual"], s["stays"]) for s in sheets]
    lines = [percentile(dual, F(p, 100)) for p in (20, 40, 60, 80)]
    peers = [first(x, lines, "一二三四五", at_most) for x in dual]
    results = []
    for s, mine in zip(sheets, peers, strict=True):
        excess = []
        for key in HRRP:
            if s.get(f"{key}_n", 0) >= 25:
                group = [o[key] for o, peer in zip(sheets, peers, strict=True) if peer == mine and key in o]
                excess.append(F(s[f"{key}_pay"], 1000) * max(s[key] - percentile(group, F(1, 2)), F(0)))
        cut = rounded(min(s["neutral"] * sum(excess), F(3, 100)), 4) if excess else None
        results.append({"PEERS": mine, "CUT": cut, "FACTOR": None if cut is None else 1 - cut})
    return results


# decathlon


EVENTS = {
    "r100": ("25.4347", "18", "1.81", -1), "r400": ("1.53775", "82", "1.81", -1),
    "r1500": ("0.03768", "480", "1.85", -1),
    "h110": ("5.74352", "28.5", "1.92", -1), "lj": ("0.14354", "220", "1.4", 1), "hj": ("0.8465", "75", "1.42", 1),
    "pv": ("0.2797", "100", "1.35", 1), "sp": ("51.39", "1.5", "1.05", 1), "dt": ("12.91", "4", "1.1", 1),
    "jt": ("10.14", "7", "1.08", 1),
}  # fmt: skip
REACH = {
    "r100": (1000, 1900), "r400": (4500, 8300), "r1500": (24000, 48100), "h110": (1300, 2900), "lj": (21000, 83000),
    "hj": (7400, 22000), "pv": (9900, 58000), "sp": (140, 2200), "dt": (390, 6000), "jt": (690, 9000),
}  # fmt: skip


def decathlon_inputs(rng: Random) -> list[Sheet]:
    seen = {key: [F(EVENTS[key][1]), *(F(rng.randint(*REACH[key]), 100) for _ in range(30))] for key in EVENTS}
    return [{key: rng.choice(values) for key, values in seen.items()} for _ in range(N)]


def decathlon(sheets: list[Sheet]) -> list[Sheet]:
    totals, results = [], []
    for s in sheets:
        points = {}
        for key, (factor, base, power, sign) in EVENTS.items():
            away = sign * (dec(s[key]) - Decimal(base))
            points[key.upper()] = int(Decimal(factor) * away ** Decimal(power)) if away > 0 and s[key] > 0 else 0
        totals.append(sum(points.values()))
        results.append({**points, "TOTAL": totals[-1]})
    return [{**r, "PLACE": place(r["TOTAL"], totals)} for r in results]


# medals and leagues


def medals_inputs(rng: Random) -> list[Sheet]:
    def games() -> list[Sheet]:
        return [{"scored": rng.randint(0, 2), "let_in": rng.randint(0, 2)} for _ in range(3)]

    return [
        {
            "gold": rng.randint(0, 6),
            "silver": rng.randint(0, 4),
            "bronze": rng.randint(0, 4),
            "lists": {"games": games()},
        }
        for _ in range(N)
    ]


def medals(sheets: list[Sheet]) -> list[Sheet]:
    won = [(s["gold"], s["silver"], s["bronze"]) for s in sheets]
    played = []
    for s in sheets:
        games = [(g["scored"], g["let_in"]) for g in s["lists"]["games"]]
        scored = sum(a for a, _ in games)
        points = sum(3 if a > b else a == b for a, b in games)
        played.append((points, scored - sum(b for _, b in games), scored))
    return [
        {"PLACE": place(a, won), "POINTS": b[0], "DIFFERENCE": b[1], "STANDING": place(b, played)}
        for a, b in zip(won, played, strict=True)
    ]


# quotas and bands


def quota_inputs(rng: Random) -> list[Sheet]:
    def sheet() -> Sheet:
        return {
            "group": rng.choice(["机关", "窗口", "窗口"]), "score": F(rng.choice([49, 50, 59, 60, 70, rng.randint(60, 95)])),
            "hurt": yes_no(rng, 0.1), "written": F(rng.randint(0, 12000), 100), "sport": F(rng.randint(0, 140), 2),
            "lists": {"judges": [{"mark": F(rng.randint(50, 100), 10)} for _ in range(rng.randint(0, 7))]},
        }  # fmt: skip

    return [sheet() for _ in range(N)]


def quota(sheets: list[Sheet]) -> list[Sheet]:
    results, scores = [], [s["score"] for s in sheets]
    for s in sheets:
        group = [o for o in sheets if o["group"] == s["group"]]
        ready = [o["score"] for o in group if o["hurt"] == "否"]
        among = place(s["score"], ready) if s["hurt"] == "否" else None
        grade = first(s["score"], (60, 50), ("称职", "基本称职", "不称职"), at_least)
        if s["score"] >= 60 and among is not None and among <= len(group) // 5:
            grade = "优秀"
        band = first(F(place(s["score"], scores), N), (F(1, 5), F(7, 10), F(9, 10)), "ABCD", at_most)
        marks = sorted(row["mark"] for row in s["lists"]["judges"])
        results.append({
            "GRADE": "不定等次" if s["hurt"] == "是" else grade, "PLACE": among, "BAND": band,
            "PAY": F({"A": "1.5", "B": "1.2", "C": "1", "D": "0.8"}[band]),
            "EXAM": rounded(s["written"] / 120 * 100 + s["sport"] / 70 * 30, 1, "half_even"),
            "JUDGED": rounded(mean(marks[1:-1]), 3) if len(marks) > 2 else None,
        })  # fmt: skip
    whole = sum(r["PAY"] for r in results)
    return [{**r, "MONEY": r["PAY"] / whole} for r in results]


# odds and ends


def mixed_inputs(rng: Random) -> list[Sheet]:
    def sheet() -> Sheet:
        low = F(rng.randint(80, 110), 100)
        parts = {key: rng.randint(0, 9) if rng.random() < 0.7 else None for key in "abcd"}
        return {
            "low": low, "high": low + F(rng.randint(0, 20), 100), "nation": 1, "region": rng.choice("城乡"),
            "size": rng.choice([9999, 10000, 10001]), "growth": F(rng.randint(-50, 1200), 10000),
            "odds": F(rng.choice([0, 1, 10, 100, 1000, rng.randint(1, 99999)]), 100), **parts,
        }  # fmt: skip

    return [sheet() for _ in range(N)]


def mixed(sheets: list[Sheet]) -> list[Sheet]:
    results = []
    nearest = sorted(s["odds"] for s in sheets)[-(-N * 9 // 10) - 1]
    for s in sheets:
        there = [s[key] for key in "abcd" if s[key] is not None]
        all_ = mean([F(x) for x in there]) if len(there) > 1 else None
        tables = {"城": (8, 5), "乡": (6, F(7, 2))}
        log = F(-30)
        if s["odds"] > 0:
            log = rounded(min(max(10 * dec(s["odds"]).log10(), Decimal(-30)), Decimal(30)), 2)
        results.append({
            "CLASS": "更好" if s["high"] < 1 else "更差" if s["low"] > 1 else "没有差别",
            "TABLE": tables[s["region"]][s["size"] < 10000], "ALL": all_, "LOG": log,
            "IN": len(there), "NEAREST": nearest,
            "STEPPED": min(max((s["growth"] - F(1, 100)) // F(5, 1000) * 2, 0), 20),
            "SCORE": all_ if s["a"] is not None or s["b"] is not None else None,
            "BEST": sum(sorted(there)[1:]) if len(there) == 4 else None,
        })  # fmt: skip
    return results


# air quality, seats


AQI = {
    "ozone": (3, "0 0.054 0.055 0.070 0.071 0.085 0.086 0.105 0.106 0.200"),
    "dust": (1, "0 12 12.1 35.4 35.5 55.4 55.5 150.4 150.5 250.4 250.5 500.4"),
    "carbon": (1, "0 4.4 4.5 9.4 9.5 12.4 12.5 15.4 15.5 30.4"),
}
INDEX = (0, 50, 51, 100, 101, 150, 151, 200, 201, 300, 301, 500)
WORDS = ("优", "良", "敏感人群不健康", "不健康", "很不健康", "有害")


def aqi_inputs(rng: Random) -> list[Sheet]:
    def value(places: int, edges: str) -> F | None:
        at = F(rng.choice(edges.split()[:-1])) + F(rng.randint(-9, 19), 10 ** (places + 1))
        return max(at, F(0)) if rng.random() < 0.8 else None

    return [{key: value(*item) for key, item in AQI.items()} for _ in range(N)]


def aqi(sheets: list[Sheet]) -> list[Sheet]:
    results = []
    for s in sheets:
        found = {}
        for key, (places, edges) in AQI.items():
            if s[key] is None:
                continue
            x, ends = rounded(s[key], places, "truncate"), [F(edge) for edge in edges.split()]
            i = next(i for i in range(0, len(ends), 2) if x <= ends[i + 1])
            found[key] = rounded(INDEX[i] + (x - ends[i]) * (INDEX[i + 1] - INDEX[i]) / (ends[i + 1] - ends[i]), 0)
        top = max(found.values(), default=None)
        first_ = next(
            (w for k, w in (("dust", "细颗粒物"), ("ozone", "臭氧"), ("carbon", "一氧化碳")) if found.get(k) == top),
            None,
        )
        results.append({
            "AQI": top, "FIRST": None if top is None else "无" if top <= 50 else first_,
            "WORD": None if top is None else first(top, (50, 100, 150, 200, 300), WORDS, at_most),
        })  # fmt: skip
    return results


def seats_inputs(rng: Random) -> list[Sheet]:
    """Votes without two equal remainders: who gets the seat then is drawn by lot."""
    return [{"votes": v, "region": r, "house": 97} for r in "甲乙" for v in rng.sample(range(1, 4000), N // 8)] + [
        {"votes": rng.randint(100_000, 400_000) * 2 + i, "region": r, "house": 97} for i, r in enumerate("甲乙" * 4)
    ]


def seats(sheets: list[Sheet]) -> list[Sheet]:
    results: list[Sheet] = [{"SEATS": None} for _ in sheets]
    for region in "甲乙":
        mine = [i for i, s in enumerate(sheets) if s["region"] == region]
        whole = sum(sheets[i]["votes"] for i in mine)
        mine = [i for i in mine if sheets[i]["votes"] * 20 >= whole]
        valid = sum(sheets[i]["votes"] for i in mine)
        exact = {i: F(sheets[i]["votes"] * 97, valid) for i in mine}
        left = 97 - sum(int(x) for x in exact.values())
        lucky = sorted(mine, key=lambda i: exact[i] - int(exact[i]), reverse=True)[:left]
        for i in mine:
            results[i] = {"SEATS": int(exact[i]) + (i in lucky)}
    return results
