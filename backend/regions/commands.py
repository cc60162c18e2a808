"""行政区划: `flask regions …`."""

import click
from flask.cli import AppGroup

from backend.regions import names
from backend.regions.boundaries import locate
from backend.regions.centroids import centroid
from backend.regions.datum import Datum
from backend.regions.maps import build

regions = AppGroup("regions", help="行政区划：名称、边界、地图。")


@regions.command("build")
def build_maps() -> None:
    """预先生成全部地图和各地中心点，之后打开页面更快。"""
    centroid(names.COUNTRY)
    made = sum(1 for _ in build())
    click.echo(f"已生成 {made} 幅地图。")


@regions.command("locate")
@click.argument("lon", type=float)
@click.argument("lat", type=float)
@click.option("--datum", type=click.Choice([d.value for d in Datum]), default=Datum.WGS84.value, help="坐标系")
@click.option("--accuracy", type=float, default=0, help="定位误差（米）")
def locate_position(lon: float, lat: float, datum: str, accuracy: float) -> None:
    """查一个经纬度在哪个县。"""
    found = locate(lon, lat, accuracy_m=accuracy, datum=Datum(datum))
    for code in found.candidates:
        click.echo(f"{code} {names.full_name(code)}")
    click.echo(found.reason or ("确定" if found.certain else "靠近边界，不能确定"))
