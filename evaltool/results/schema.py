"""The tables of a round's database. STRICT: a text never lands in a number column.

Exact numbers stand as text (`85`, `169/2`, `inf`), mostly in columns named `…lo` and `…hi`; the REAL columns `…_real`
beside them are for sorting and drawing only. docs/results.md explains every table for people who write SQL.
"""

from __future__ import annotations

FORMAT = 1

TABLES: dict[str, str] = {
    "meta": "key TEXT PRIMARY KEY, value TEXT NOT NULL",
    "counties": (
        "position INTEGER NOT NULL, code TEXT PRIMARY KEY, name TEXT NOT NULL, city TEXT NOT NULL, "
        "batch TEXT NOT NULL, type TEXT NOT NULL, funds TEXT NOT NULL, returned INTEGER NOT NULL, "
        "claimed TEXT, self_lo TEXT, self_hi TEXT, official_lo TEXT, official_hi TEXT, official_lo_real REAL, "
        "official_hi_real REAL, grade TEXT NOT NULL, self_grade TEXT NOT NULL, place_best INTEGER, place_worst INTEGER"
    ),
    "indicators": (
        "position INTEGER NOT NULL, indicator TEXT PRIMARY KEY, parent TEXT, list TEXT, depth INTEGER NOT NULL, "
        "name TEXT NOT NULL, full TEXT, unit TEXT NOT NULL, sentence TEXT NOT NULL, clauses TEXT NOT NULL, "
        "evidence TEXT NOT NULL, "
        "site_check TEXT NOT NULL"
    ),
    "facts": (
        "layer TEXT NOT NULL, code TEXT NOT NULL REFERENCES counties, field TEXT NOT NULL, name TEXT NOT NULL, "
        "unit TEXT NOT NULL, value TEXT, state TEXT NOT NULL, workbook TEXT NOT NULL, sheet TEXT NOT NULL, "
        "cell TEXT NOT NULL, note TEXT NOT NULL, PRIMARY KEY (code, layer, field)"
    ),
    "list_rows": (
        "layer TEXT NOT NULL, code TEXT NOT NULL REFERENCES counties, list TEXT NOT NULL, row INTEGER NOT NULL, "
        "column TEXT NOT NULL, value TEXT, state TEXT NOT NULL, sheet TEXT NOT NULL, cell TEXT NOT NULL, "
        "PRIMARY KEY (code, layer, list, row, column)"
    ),
    "points": (
        "layer TEXT NOT NULL, code TEXT NOT NULL REFERENCES counties, indicator TEXT NOT NULL, lo TEXT, hi TEXT, "
        "lo_real REAL, hi_real REAL, result TEXT NOT NULL, claimed TEXT, reason TEXT NOT NULL, "
        "PRIMARY KEY (code, layer, indicator)"
    ),
    "row_points": (
        "layer TEXT NOT NULL, code TEXT NOT NULL REFERENCES counties, list TEXT NOT NULL, row INTEGER NOT NULL, "
        "indicator TEXT NOT NULL, title TEXT NOT NULL, lo TEXT, hi TEXT, lo_real REAL, hi_real REAL, "
        "full TEXT, result TEXT NOT NULL, "
        "PRIMARY KEY (code, layer, list, row, indicator)"
    ),
    "traces": (
        "layer TEXT NOT NULL, code TEXT NOT NULL REFERENCES counties, indicator TEXT NOT NULL, result TEXT NOT NULL, "
        "arithmetic TEXT NOT NULL, next_step TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (code, layer, indicator)"
    ),
    "recommendations": (
        "position INTEGER PRIMARY KEY, code TEXT NOT NULL REFERENCES counties, name TEXT NOT NULL, "
        "action TEXT NOT NULL, action_name TEXT NOT NULL, verb TEXT NOT NULL, state TEXT NOT NULL, "
        "because TEXT NOT NULL, within TEXT NOT NULL, waits_for TEXT NOT NULL, clauses TEXT NOT NULL, "
        "note TEXT NOT NULL"
    ),
    "funds": (
        "code TEXT NOT NULL REFERENCES counties, pot TEXT NOT NULL, use TEXT NOT NULL, name TEXT NOT NULL, "
        "inside TEXT NOT NULL, amount_lo TEXT NOT NULL, amount_hi TEXT NOT NULL, unit TEXT NOT NULL, share_lo TEXT, "
        "share_hi TEXT, at_least TEXT, at_most TEXT, verdict TEXT NOT NULL, in_principle INTEGER NOT NULL, "
        "note TEXT NOT NULL, clauses TEXT NOT NULL, PRIMARY KEY (code, pot, use)"
    ),
    "duties": (
        "code TEXT NOT NULL REFERENCES counties, duty TEXT NOT NULL, name TEXT NOT NULL, who TEXT NOT NULL, "
        "kind TEXT NOT NULL, due TEXT NOT NULL, state TEXT NOT NULL, clauses TEXT NOT NULL, PRIMARY KEY (code, duty)"
    ),
    "problems": (
        "position INTEGER PRIMARY KEY, subject TEXT NOT NULL, code TEXT NOT NULL, level TEXT NOT NULL, "
        "title TEXT NOT NULL, what TEXT NOT NULL, why TEXT NOT NULL, do TEXT NOT NULL, workbook TEXT NOT NULL, "
        "sheet TEXT NOT NULL, cell TEXT NOT NULL, field TEXT NOT NULL, clause TEXT NOT NULL, rule TEXT NOT NULL"
    ),
    "evidence": (
        "code TEXT NOT NULL REFERENCES counties, field TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (code, field)"
    ),
    "reasons": (
        "code TEXT NOT NULL REFERENCES counties, field TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (code, field)"
    ),
    "submissions": (
        "position INTEGER PRIMARY KEY, file TEXT NOT NULL, sha256 TEXT NOT NULL, code TEXT NOT NULL, "
        "name TEXT NOT NULL, state TEXT NOT NULL"
    ),
    "questions": (
        "question TEXT PRIMARY KEY, text TEXT NOT NULL, reading TEXT, clause TEXT NOT NULL, accepted TEXT NOT NULL"
    ),
    "clauses": "cite TEXT PRIMARY KEY, shown TEXT NOT NULL, gist TEXT NOT NULL, text TEXT NOT NULL",
}

# The rows of one county are found without reading those of all: by the primary key, which begins with the code, or
# here.
INDEXES = {"recommendations": "code", "problems": "subject"}
