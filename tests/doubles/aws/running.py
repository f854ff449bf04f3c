# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""moto's server with what it lacks, as a process of its own, and the ways for a test to feed it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config

from .environment import ACCOUNT, KEY_ID, REGION, SECRET, environment_of

_SERVER = "ansible_collections.eventops.infra.tests.doubles.aws.inside.server"
_DOOR_SECONDS = 60
_STOP_SECONDS = 10


class RunningAws:
    """A running double.

    :param url: where it answers.
    :param process: its process.
    """

    def __init__(self, url: str, process: subprocess.Popen) -> None:
        self.url = url
        self.process = process
        self.environment = environment_of(url)
        self._clients: dict[tuple[str, ...], Any] = {}

    def client(self, service: str, region: str = REGION, account: str = ACCOUNT, url: str | None = None) -> Any:
        """Return a client of boto3 for a service; in another account by a role that is assumed there; through a proxy where `url` says so."""
        key = (service, region, account, url or self.url)
        if key not in self._clients:
            self._clients[key] = self._new_client(*key)
        return self._clients[key]

    def alarm(self, name: str, state: str, *, reason: str | None = None, value: float | None = None, region: str = REGION, account: str = ACCOUNT) -> None:
        """Put an alarm into a state by SetAlarmState: history, EventBridge event and SNS message follow as with AWS.

        Args:
            name: of the alarm, which must be there.
            state: OK, ALARM or INSUFFICIENT_DATA.
            reason: by default one as CloudWatch writes it for `value`.
            value: the newest datapoint.
        """
        data = {} if value is None else {"StateReasonData": json.dumps({"version": "1.0", "recentDatapoints": [value]})}
        told = reason or f"Threshold Crossed: 1 out of the last 1 datapoints [{value or 0.0} (26/11/26 12:00:00)] (minimum 1 datapoint for a transition)."
        self.client("cloudwatch", region, account).set_alarm_state(AlarmName=name, StateValue=state, StateReason=told, **data)

    def event(
        self, source: str, detail_type: str, detail: Mapping[str, Any], resources: Sequence[str] = (), *, region: str = REGION, account: str = ACCOUNT
    ) -> None:
        """Put an event of one of AWS's own services (`aws.ec2`, ...) on the default bus of EventBridge."""
        told = {"source": source, "detail_type": detail_type, "detail": detail, "resources": list(resources)}
        self._tell("event", account=account, region=region, **told)

    def add_history(self, items: Sequence[Mapping[str, Any]], *, region: str = REGION, account: str = ACCOUNT) -> None:
        """Add entries to the history of alarms, which need not be there.

        Args:
            items: of each `name`, `time` (ISO 8601 or seconds since the epoch), `old` and `new` state, and perhaps `reason`, `reason_data`,
                `alarm_type` (CompositeAlarm), `visible_in` (seconds until CloudWatch shows it), or `type`, `summary`, `data` as they are.
        """
        self._tell("history", account=account, region=region, items=list(items))

    def set_groups(self, **pace: Any) -> None:
        """Say how Auto Scaling groups change: `warm_up` and `terminate` in seconds, `launches_fail` with a text ("" ends that).

        And what moto has no place for: `default_warmup` in seconds, and `refresh`, the status of an instance refresh ("" ends that).
        """
        self._tell("groups", **pace)

    def age_activities(self, seconds: float) -> None:
        """Let the activities of groups that have ended have been so much earlier, the launches of a new group among them."""
        self._tell("age_activities", seconds=seconds)

    def set_status_checks(self, **pace: Any) -> None:
        """Say how status checks go: `initializing` seconds after a start or a reboot."""
        self._tell("status_checks", **pace)

    def fail_status_check(self, instance_id: str, check: str = "instance", cleared_by: str = "reboot") -> None:
        """Let the `instance` or the `system` check of an instance fail until a `reboot`, a `stop` and start, or for ever (`never`)."""
        self._tell("fail_status_check", instance_id=instance_id, check=check, cleared_by=cleared_by)

    def add_log_lines(self, group: str, stream: str, lines: Sequence[tuple[float, str]], *, region: str = REGION, account: str = ACCOUNT) -> None:
        """Add lines to a log, each a time (seconds since the epoch) and a text, however old; the group and the stream are made where they are not there."""
        self._tell("log_lines", account=account, region=region, group=group, stream=stream, lines=list(lines))

    def set_volumes(self, **pace: Any) -> None:
        """Say how changes of volumes go: seconds of `modifying` and then `optimizing`, and those that they must be `apart`."""
        self._tell("volumes", **pace)

    def set_logs(self, **pace: Any) -> None:
        """Say how lines of logs are found: `empty_pages`, whether each page comes after an empty one, as happens with AWS."""
        self._tell("logs", **pace)

    def calls(self) -> Counter[str]:
        """Return how often each call was made, such as `calls()["DescribeAlarms"]`; of a REST service the method and path."""
        return Counter(self._tell("calls"))

    def forget_calls(self) -> None:
        """Begin to count anew."""
        self._tell("forget_calls")

    def reset(self) -> None:
        """Begin anew, with nothing in any account and region."""
        self._tell("reset")
        # Roles that were assumed are forgotten, too: their keys would be taken for the first account's.
        self._clients = {key: client for key, client in self._clients.items() if key[2] == ACCOUNT}

    def stop(self) -> None:
        """End the process."""
        self.process.stdin.close()
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def _new_client(self, service: str, region: str, account: str, url: str) -> Any:
        keys = {"aws_access_key_id": KEY_ID, "aws_secret_access_key": SECRET}
        if account != ACCOUNT:
            given = self.client("sts").assume_role(RoleArn=f"arn:aws:iam::{account}:role/tests", RoleSessionName="tests")["Credentials"]
            named = {"aws_access_key_id": "AccessKeyId", "aws_secret_access_key": "SecretAccessKey", "aws_session_token": "SessionToken"}
            keys = {name: given[key] for name, key in named.items()}
        settings = Config(retries={"mode": "standard", "total_max_attempts": 1}, parameter_validation=True)
        return boto3.session.Session().client(service, region_name=region, endpoint_url=url, config=settings, **keys)

    def _tell(self, name: str, **told: Any) -> Any:
        request = urllib.request.Request(f"{self.url}/double/{name}", json.dumps(told).encode(), {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=_DOOR_SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"the double could not do {name}: {json.load(error)['error']}") from error


@contextmanager
def running_aws() -> Iterator[RunningAws]:
    """Run a double until the end of the block; it ends with this process, too, however that ends."""
    environment = {**os.environ, **environment_of(""), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    del environment["AWS_ENDPOINT_URL"]
    process = subprocess.Popen([sys.executable, "-m", _SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    port = process.stdout.readline().strip()
    if not port:
        raise RuntimeError(f"moto's server did not start, and ended with {process.wait()}; what it says is on standard error")
    aws = RunningAws(f"http://127.0.0.1:{int(port)}", process)
    try:
        yield aws
    finally:
        aws.stop()
