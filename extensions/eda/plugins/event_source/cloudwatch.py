# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Say what happens in AWS: messages of queues, alarms and log lines, each once, and none lost."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: cloudwatch
short_description: Alarms, logs and events of AWS, through queues of SQS or by polling CloudWatch
version_added: 0.1.0
author:
  - eventops.infra contributors
description:
  - O(queues) are queues of SQS, which EventBridge and SNS fill. A message is deleted when its event is on disk, and not before. What cannot be read is put
    aside with the reason.
  - O(alarms) are read from CloudWatch itself, for people who may not set up EventBridge. Their history is read from where it was left off, so an alarm that
    came and went between two looks is seen, and so is what happened while this source was down.
  - O(logs) are lines of log groups that match a pattern. Many in a short time are one event, with their number and samples.
  - Where AWS does not answer, or refuses, it is asked again at growing intervals for as long as it takes, and C(/healthz) says so. Nothing is lost.
  - Credentials come by AWS's usual chain, from the environment, a profile, or the machine's own role. docs/aws_iam.md has the smallest policy for each of
    the parts.
  - docs/cloudwatch.md in the collection shows the whole of it.
requirements:
  - aiobotocore >= 2.21
options:
  region:
    description:
      - The region, such as V(eu-central-1). By default E(AWS_REGION), E(AWS_DEFAULT_REGION), or that of the profile.
    type: str
  profile:
    description: The profile of AWS's configuration files. By default E(AWS_PROFILE), else C(default).
    type: str
  role_arn:
    description: A role to assume, with what the usual chain gives, or with O(web_identity_token_file).
    type: str
  external_id:
    description: The external id that the role asks for. A value, or a mapping with C(env) or C(file).
    type: raw
  web_identity_token_file:
    description: A file with the token to assume the role with.
    type: path
  endpoint_url:
    description: Where AWS's API is, instead of AWS's own addresses.
    type: str
  accounts:
    description: Several accounts or regions, instead of the options above.
    type: list
    elements: dict
    suboptions:
      name:
        description: What the account is called here.
        type: str
        required: true
      regions:
        description: Its regions. By default the one that the usual chain gives.
        type: list
        elements: str
      profile:
        description: As O(profile).
        type: str
      role_arn:
        description: As O(role_arn).
        type: str
      external_id:
        description: As O(external_id).
        type: raw
      web_identity_token_file:
        description: As O(web_identity_token_file).
        type: path
      endpoint_url:
        description: As O(endpoint_url).
        type: str
  queues:
    description: Queues of SQS that are read.
    type: list
    elements: dict
    default: []
    suboptions:
      url:
        description: The URL of the queue.
        type: str
      name:
        description: The name of the queue, instead of its URL.
        type: str
      account:
        description: One of O(accounts), where there are several.
        type: str
      region:
        description: The region, where neither the URL nor the account tells it.
        type: str
      receivers:
        description: How many requests for messages are open at once. Each gets up to ten messages.
        type: int
        default: 4
      wait:
        description: Seconds that SQS holds a request open until there is a message.
        type: int
        default: 20
      visibility:
        description: Seconds that nobody else gets a message that is being taken in. The time is extended while that takes longer.
        type: int
        default: 120
      max_receives:
        description:
          - How often a message that cannot be read is received before it is put aside. It is kept in the store as C(event.received), with the reason, and
            deleted from the queue. One that can be read, and names no host where the rules ask for one, is put aside at once.
        type: int
        default: 5
      adapter:
        description:
          - The adapter that reads the messages, or a mapping of its name to its settings. By default each message is read as what it is, a notification of SNS,
            an event of EventBridge or an alarm.
        type: raw
      envelopes:
        description:
          - Whether messages may be envelopes of this collection. An envelope can say anything in anybody's name, such as that another monitor's alert is
            over, so give such a queue to those alone who may.
        type: bool
        default: false
  alarms:
    description: Alarms that are read from CloudWatch.
    type: list
    elements: dict
    default: []
    suboptions:
      accounts:
        description: The accounts. By default all of them.
        type: list
        elements: str
      regions:
        description: The regions. By default those of the accounts.
        type: list
        elements: str
      names:
        description: The names of the alarms. By default all alarms.
        type: list
        elements: str
      prefix:
        description: What the alarms' names begin with.
        type: str
      tags:
        description: Tags that the alarms have, all of them.
        type: dict
      states:
        description: The states that are told. By default all.
        type: list
        elements: str
        choices: [ALARM, OK, INSUFFICIENT_DATA]
      types:
        description: The kinds of alarms. By default both.
        type: list
        elements: str
        choices: [metric, composite]
      interval:
        description: Seconds between two looks.
        type: float
        default: 60
      overlap:
        description: Seconds of the history that are read again, since its rows can appear late.
        type: float
        default: 120
      from:
        description:
          - Where the first start begins. V(now) tells of the alarms that are in C(ALARM) and of what happens from then on, V(all) of everything that the
            history has, which AWS keeps for 30 days; or a time such as V(2026-01-31T12:00:00Z).
        type: str
        default: now
      severity:
        description: The severity of the alerts.
        type: str
        choices: [critical, error, warning, info]
        default: error
      insufficient_data:
        description: What the state C(INSUFFICIENT_DATA) means. V(change) makes it an event of its own, C(aws.cloudwatch.alarm_insufficient_data).
        type: str
        choices: [firing, resolved, change]
        default: change
  logs:
    description: Log groups of CloudWatch Logs of which lines are read.
    type: list
    elements: dict
    default: []
    suboptions:
      accounts:
        description: The accounts. By default all of them.
        type: list
        elements: str
      regions:
        description: The regions. By default those of the accounts.
        type: list
        elements: str
      groups:
        description: The names of the log groups.
        type: list
        elements: str
      prefix:
        description: What the names of the log groups begin with, instead of O(logs[].groups).
        type: str
      pattern:
        description: A filter pattern of CloudWatch Logs, such as V(?ERROR ?CRITICAL). By default every line.
        type: str
      name:
        description: What the events are called, C(data.name). By default the log group's name.
        type: str
      severity:
        description: The severity of the events.
        type: str
        choices: [critical, error, warning, info]
        default: error
      interval:
        description: Seconds between two looks.
        type: float
        default: 30
      overlap:
        description: Seconds that are read again, since lines can appear late.
        type: float
        default: 120
      window:
        description: Lines of a group within so many seconds are one event.
        type: int
        default: 60
      samples:
        description: How many of the lines the event has.
        type: int
        default: 5
      from:
        description: Where the first start begins. V(now), V(all), or a time.
        type: str
        default: now
  hosts:
    description:
      - Rules for the hosts of all events, of which the first is taken that leads to a host of the inventory. docs/aws_hosts.md has the defaults, and what the
        rules may be.
    type: list
    elements: raw
  labels:
    description:
      - Labels that alarms get by their names, for rules to read. The first entry counts that fits, and C(*) stands for anything in a name. A dimension of an
        alarm that has the name of such a label is left out. Where the source hears of several accounts, say which one is meant, since whoever may create alarms
        in another may call them the same.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The name of the alarms.
        type: str
        required: true
      account:
        description: The number of the account that they must be of. By default any that the source hears of.
        type: str
      region:
        description: The region that they must be of. By default any.
        type: str
      labels:
        description: A mapping of labels to texts.
        type: dict
        required: true
  feedback:
    description: What is written to AWS of cases. V(false) is nothing.
    type: raw
    default: false
    suboptions:
      metrics:
        description: The namespace of metrics of CloudWatch, for how many cases ended in which state, and the time to resolve.
        type: str
      tag:
        description: A tag for the resource that a case is about, with the number of the newest case that is open, else of the newest that ended, and its state.
        type: str
  inventory:
    description: The inventory to find hosts in, when the source is used without the router. Under the router, the router's is used.
    type: path
  state:
    description: A file that remembers what was read, when the source is used without the router. Without it each start begins anew.
    type: path
"""

EXAMPLES = r"""
- name: Act on what happens in AWS
  hosts: all
  execution_strategy: parallel
  sources:
    - name: router
      eventops.infra.router:
        sources:
          - name: aws
            eventops.infra.cloudwatch:
              region: eu-central-1
              queues:
                - name: eventops
              logs:
                - prefix: /app/
                  pattern: '"CRITICAL"'
                  name: CriticalLog
              labels:
                - {name: "web-cpu-high*", labels: {scale: out}}
  rules:
    - name: An instance fails its status checks
      condition: event.type == "alert.firing" and event.data.metric == "StatusCheckFailed"
      action:
        run_playbook:
          name: eventops.infra.remediate
          extra_vars:
            remediate_problem: InstanceDown

# Alone, without the router, by polling in two accounts
- name: Say which alarms change
  hosts: all
  sources:
    - eventops.infra.cloudwatch:
        accounts:
          - {name: production, regions: [eu-central-1, us-east-1], role_arn: "arn:aws:iam::123456789012:role/eventops"}
          - {name: test, regions: [eu-central-1], profile: test}
        alarms:
          - accounts: [production]
            prefix: web-
          - accounts: [test]
            interval: 300
        state: /var/lib/eventops/cloudwatch.state
        inventory: /etc/eventops/inventory
  rules:
    - name: An alarm has changed
      condition: event.type in ["alert.firing", "alert.resolved"]
      action:
        debug:
          msg: "{{ event.type }} {{ event.subject }}"
"""

import os
import sys
from pathlib import Path
from typing import Any

# ansible-rulebook runs this file by its path, so the collection is not importable yet. Not `resolve()`: a checkout may be a symlink.
_COLLECTIONS_ROOT = str(Path(__file__).absolute().parents[7])
if _COLLECTIONS_ROOT not in sys.path:
    sys.path.insert(0, _COLLECTIONS_ROOT)

from ansible_collections.eventops.infra.plugins.plugin_utils.alone import for_rules
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.cloudwatch.settings import read_settings
from ansible_collections.eventops.infra.plugins.plugin_utils.aws.cloudwatch.source import run


async def main(queue: Any, args: dict[str, Any]) -> None:
    """Hear what happens in AWS until cancelled."""
    settings = read_settings(args, os.environ)
    keeper = await for_rules(queue, inventory=settings.inventory, state=settings.state)
    try:
        await run(settings, keeper)
    finally:
        keeper.close()
