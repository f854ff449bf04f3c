# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What NetBox says of itself."""

from __future__ import annotations

from .registry import BY_PATH
from .versions import is_before

_APPS = {
    "django_filters": "26.1", "django_prometheus": "2.4.0", "django_rq": "4.1.1", "django_tables2": "2.8.0", "drf_spectacular": "0.30.0",
    "drf_spectacular_sidecar": "2026.8.1", "mptt": "0.18.0", "rest_framework": "3.17.1", "social_django": "5.9.0", "taggit": "6.1.0", "timezone_field": "7.2.2",
}  # fmt: skip


def of(netbox) -> dict[str, object]:
    """Return the answer of /api/status/."""
    found = {
        "django-version": "6.0.8",
        "hostname": "vm",
        "installed_apps": _APPS,
        "netbox-version": netbox.version,
        "netbox-full-version": netbox.version,
        "plugins": {},
        "python-version": "3.12.1",
        "rq-workers-running": netbox.workers,
    }
    if is_before(netbox.version, "4.4"):
        del found["hostname"]
        found["installed-apps"] = found.pop("installed_apps")
    if is_before(netbox.version, "4.3"):
        del found["netbox-full-version"]
    return found


def root(base: str) -> dict[str, str]:
    """Return the answer of /api/."""
    return {app: f"{base}/api/{app}/" for app in sorted({*(path.split("/")[0] for path in BY_PATH), "core", "status"})}
