# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: netbox_drift_report
short_description: Write the report on how hosts and NetBox differ
version_added: 0.1.0
author:
  - eventops.infra contributors (@eventops)
description:
  - Takes the results of M(eventops.infra.netbox_drift) for some hosts and writes them as one document. What hosts and NetBox say is text in it, never markup.
options:
  _input:
    description: The results, one for each host.
    type: list
    elements: dict
    required: true
  form:
    description: What to write; V(summary) is one line.
    type: str
    choices: [html, json, md, summary]
    required: true
  check_mode:
    description: Whether the results come from check mode, so that V(summary) says what would be corrected.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Keep the report
  ansible.builtin.copy:
    content: "{{ results | eventops.infra.netbox_drift_report('html') }}"
    dest: /srv/reports/netbox.html
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The document.
  type: str
"""

from ansible.errors import AnsibleFilterError
from ansible_collections.eventops.infra.plugins.plugin_utils.netbox.drift.report import render, summary

_FORMS = ("html", "json", "md")


def netbox_drift_report(results, form, check_mode=False):
    """Write the results of some hosts as html, json or md, or as one line."""
    try:
        if form == "summary":
            return summary(results, check_mode)
        if form in _FORMS:
            return render(results, form)
    except (KeyError, TypeError) as error:
        raise AnsibleFilterError(f"netbox_drift_report needs results of eventops.infra.netbox_drift, but {type(error).__name__}: {error}") from error
    raise AnsibleFilterError(f"netbox_drift_report writes {', '.join(_FORMS)} or summary, not {str(form)[:60]}")


class FilterModule:
    """The filter."""

    def filters(self):
        return {"netbox_drift_report": netbox_drift_report}
