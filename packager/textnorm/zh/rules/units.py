"""Units: how each is written, and what is said for it."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Written unit: (what is said before the number, what is said after it). Speed is said the other way round.
_UNITS: dict[str, tuple[str, str]] = {
    "km/h": ("每小时", "公里"),
    "m/s": ("每秒", "米"),
    "cm/s": ("每秒", "厘米"),
    "km/s": ("每秒", "公里"),
} | {
    written: ("", spoken)
    for written, spoken in (
        pair.split("=")
        for row in (
            "m/s²=米每二次方秒 mmol/L=毫摩尔每升 μmol/L=微摩尔每升 nmol/L=纳摩尔每升 mol/L=摩尔每升",
            "mg/dL=毫克每分升 mg/L=毫克每升 μg/L=微克每升 ng/mL=纳克每毫升 mg/mL=毫克每毫升 g/L=克每升",
            "g/mL=克每毫升 U/L=单位每升 mg/kg=毫克每千克 mg/m³=毫克每立方米 μg/m³=微克每立方米",
            "g/cm³=克每立方厘米 kg/m²=千克每平方米 kg/m³=千克每立方米 m³/h=立方米每小时 m³/s=立方米每秒",
            "t/d=吨每天 t/h=吨每小时 kg/d=千克每天 m³/d=立方米每天 L/d=升每天",
            "L/h=升每小时 L/min=升每分钟 mL/min=毫升每分钟 r/min=转每分钟 rpm=转每分钟 mmHg=毫米汞柱",
            "km²=平方公里 hm²=公顷 dm²=平方分米 cm²=平方厘米 mm²=平方毫米 m²=平方米",
            "km³=立方公里 dm³=立方分米 cm³=立方厘米 mm³=立方毫米 m³=立方米",
            "km=公里 dm=分米 cm=厘米 mm=毫米 μm=微米 nm=纳米 m=米 ha=公顷",
            "kg=千克 mg=毫克 μg=微克 ng=纳克 g=克 t=吨 oz=盎司",
            "ml=毫升 mL=毫升 dL=分升 μL=微升 L=升 cc=毫升",
            "MW·h=兆瓦时 MWh=兆瓦时 kW·h=千瓦时 kWh=千瓦时 W·h=瓦时 Wh=瓦时",
            "GW=吉瓦 MW=兆瓦 kW=千瓦 W=瓦 kVA=千伏安",
            "kV=千伏 mV=毫伏 V=伏 mAh=毫安时 Ah=安时 mA=毫安 kΩ=千欧 MΩ=兆欧 Ω=欧姆",
            "GHz=吉赫兹 MHz=兆赫兹 kHz=千赫兹 Hz=赫兹 dB=分贝 kcal=千卡 cal=卡 kJ=千焦 kPa=千帕 MPa=兆帕",
            "hPa=百帕 Pa=帕 lx=勒克斯 lm=流明 IU=国际单位 Mbps=兆比特每秒",
            "h=小时 min=分钟 s=秒 ms=毫秒 °C=摄氏度 °F=华氏度 °=度",
        )
        for pair in row.split()
    )
}
# As they are written where there is no key for the raised figure: m2.
_BARE_POWERS = {
    written.replace("²", "2").replace("³", "3"): written for written in _UNITS if re.search("[²³]", written)
}
# These are recognized in any case of letters, but for MW and the like, which would become other units.
_LOOSE = {
    written.lower(): written
    for written in ("km", "kg", "cm", "mm", "mg", "ml", "kHz", "MHz", "kW", "kWh", "kW·h", "mmHg", "dB", "mAh")
} | {"mmol/l": "mmol/L", "km/h": "km/h"}


def _any_of(exact: Iterable[str], loose: Iterable[str]) -> str:
    """A pattern that takes the longest: of kW·H not only kW, though it has h in another case."""
    sources = [(written, re.escape(written)) for written in exact]
    sources += [(written, f"(?i:{re.escape(written)})") for written in loose]
    return "|".join(source for _, source in sorted(sources, key=lambda pair: len(pair[0]), reverse=True))


UNIT = rf"(?:{_any_of([*_UNITS, *_BARE_POWERS], _LOOSE)})"


def unit_of(written: str) -> tuple[str, str]:
    """What is said before and after the number of a unit that UNIT matched."""
    name = _BARE_POWERS.get(written, written)
    return _UNITS[name if name in _UNITS else _LOOSE[name.lower()]]
