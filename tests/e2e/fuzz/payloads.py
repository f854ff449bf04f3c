# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A payload for each adapter, as short as its sender would make it."""

from __future__ import annotations

GENERIC = {"generic": {"type": {"value": "alert.firing"}, "name": "payload.alert", "hosts": "payload.host"}}
PAYLOADS = {
    "alertmanager": {"version": "4", "groupKey": "{}", "status": "firing", "alerts": [{"status": "firing", "labels": {"alertname": "A", "instance": "a:1"}}]},
    "grafana": {"version": "1", "groupKey": "{}", "status": "firing", "alerts": [{"status": "firing", "labels": {"alertname": "A", "instance": "web-01"}}]},
    "nagios": {"notificationtype": "PROBLEM", "hostname": "web-01", "hoststate": "DOWN"},
    "netbox": {"event": "created", "timestamp": "2026-01-31T12:00:00Z", "object_type": "dcim.site", "data": {"id": 1, "name": "a"}, "snapshots": {}},
    "sns": {"Type": "Notification", "MessageId": "m", "TopicArn": "arn:aws:sns:eu-west-1:1:t", "Message": "text", "Timestamp": "2026-01-31T12:00:00.000Z"},
    "eventbridge": {"version": "0", "id": "e", "detail-type": "T", "source": "aws.ec2", "account": "1", "time": "2026-01-31T12:00:00Z", "detail": {}},
    "cloudwatch_alarm": {
        "AlarmName": "A",
        "AlarmArn": "arn:aws:cloudwatch:eu-west-1:1:alarm:A",
        "NewStateValue": "ALARM",
        "Trigger": {"Dimensions": [{"name": "InstanceId", "value": "i"}]},
    },
    "eventgrid": [{"id": "1", "topic": "/t", "subject": "s", "eventType": "A.B", "eventTime": "2026-01-31T12:00:00Z", "data": {}, "dataVersion": "1"}],
    "cloudevents": {"specversion": "1.0", "id": "1", "source": "/s", "type": "a.b", "data": {}},
    "request": {"type": "request.report", "data": {"report": "usage"}},
}

# These need no settings.
ADAPTERS = tuple(PAYLOADS)
