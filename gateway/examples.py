"""Usual examples of fields, by form and by name; an example in the proto takes precedence."""

from collections.abc import Mapping
from typing import Any

from shared.rpc.options import Form

AN_ID = "018f3c1e-7a52-7c3e-9a40-6f1d2b8c5e77"
A_HASH = "6f1c0a4be2d95d0bd9b8bb3a3c3c7f2f0d3cf3a2f6e7a6b3e7d1c0f5a4b39e81"
A_TOKEN = "WyIwMThmM2MxZSJd"  # noqa: S105 - of a page
OF_FORM: Mapping[Form, str] = {
    Form.UUID: AN_ID,
    Form.RESOURCE_ID: AN_ID,
    Form.COUNTY_ID: "yunlong",
    Form.DATE: "2026-03-05",
    Form.URI: "https://www.example.gov.cn/notice/12",
    Form.PERIOD: "2026-03",
    Form.DIVISION_CODE: "532929101",
    Form.SECRET: "a-secret-that-nobody-guesses",
}
BY_NAME: Mapping[str, Any] = {
    "address": "和平村三组东侧",
    "admin_code": "532929101201",
    "category": "straw_burning",
    "category_id": "straw_burning",
    "code": "532929101201",
    "complete_by": "2026-12-31",
    "county_id": "yunlong",
    "county_name": "云龙县",
    "credit_code": "91532929MA6K0J5X7Q",
    "dated_on": "2026-03-05",
    "department_id": "ecology",
    "details": {"population": 1200},
    "document": {"name": "云龙县网格化环境监管方案"},
    "effective_on": "2026-04-01",
    "feature": "photo_evidence",
    "from_county_id": "jianchuan",
    "grade": "key",
    "grid_code": "532929101201",
    "grid_name": "和平村",
    "grid_path": "1.4.17.",
    "industry": "畜禽养殖",
    "issuer": "云龙县人民政府",
    "level_id": "village",
    "local_code": "YL-07",
    "name": "和平村",
    "next_effective_on": "2026-07-01",
    "next_page_token": A_TOKEN,
    "note": "现场核查,已停产。",
    "number": "云政发〔2026〕12号",
    "office": "县生态环境分局",
    "page_token": A_TOKEN,
    "part": "eia",
    "path": "1.4.17.",
    "place": "和平村小学",
    "pointer": "/levels/2/name",
    "pollutant": "COD",
    "rank": "village",
    "reason": "区划调整",
    "received_on": "2026-03-05",
    "reference": "云环审〔2025〕8号",
    "role_type": "village_grid_member",
    "rule_id": "village_weekly",
    "template_id": "yunlong",
    "text": "网格员每周至少巡查一次,并当日填报。",
    "time_zone": "Asia/Shanghai",
    "title": "网格员巡查制度",
    "type": "livestock_farm",
    "unit": "t",
    "unit_type": "village",
    "url": "https://www.example.gov.cn/notice/12",
    "zone": "restricted",
    "zones": "water_source",
}
