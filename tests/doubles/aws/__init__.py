# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A double of AWS: moto's server as a process of its own, with what it lacks, and the ways to feed what AWS's services do by themselves.

    from ansible_collections.eventops.infra.tests.doubles.aws import faulty, running_aws

    with running_aws() as aws:                           # on a free port of 127.0.0.1; ends with the process of the test, too
        aws.url
        aws.environment                                  # for subprocesses: the endpoint, keys, region, and no configuration of anybody
        aws.client("sqs", region="us-east-1")            # of boto3; account="222222222222" is another account, by a role
        aws.calls()["DescribeAlarms"], aws.forget_calls()
        aws.reset()                                      # nothing in any account; calls are counted anew

What AWS does by itself, and a test brings about:

    aws.alarm("web-cpu", "ALARM", value=95.0)            # SetAlarmState; the rest follows
    aws.add_history([{"name": "web-cpu", "time": "2026-10-26T12:00:00Z", "old": "OK", "new": "ALARM", "visible_in": 5}, ...])
    aws.event("aws.ec2", "EC2 Instance State-change Notification", {"instance-id": "i-...", "state": "stopped"})
    aws.set_groups(warm_up=2, terminate=1, launches_fail="")
    aws.fail_status_check("i-...", check="instance", cleared_by="reboot")     # or stop, never
    aws.set_status_checks(initializing=2)
    aws.set_volumes(modifying=1, optimizing=5, apart=0)
    aws.add_log_lines("/app/shop", "i-...", [(time.time() - 30 * 86400, "ERROR ..."), ...])        # PutLogEvents takes none that are older than 14 days
    aws.set_logs(empty_pages=True)

On the way to AWS (faults.Fault):

    with faulty(aws.url) as proxy:                       # proxy.url, proxy.environment, proxy.calls, proxy.latency = 0.2
        proxy.fail("throttled", calls=["DescribeAlarms"], times=3), proxy.fail("reset", share=0.3), proxy.fail("hang", seconds=60)
        proxy.fail("internal", after=True)               # it is carried out, and the client does not know; also expired, skewed, denied, unavailable
        proxy.heal()
        with proxy.down(): ...                           # connections are refused

What is moto's: queues, topics, rules, log groups, instances, roles, and whatever is not named here.
What is ours (in `inside`), because moto lacks it or does it otherwise:

- DescribeAlarmHistory. DescribeAlarms with pages, AlarmTypes and combined filters. A new alarm has INSUFFICIENT_DATA; one that is changed keeps its state.
- SetAlarmState leads to the history, to an event on the default bus, and to a message to the SNS topics among the alarm's actions. Other actions do nothing.
- Composite alarms: PutCompositeAlarm, and a state that follows those in the rule. No suppressors.
- Events of AWS's services reach queues and topics as they are (moto's template drops the account), and the queue for dead letters where a queue is gone.
- DescribeScalingActivities. Instances of a group warm up and end in their time, unhealthy ones are replaced, a capacity outside the bounds is refused.
- FilterLogEvents: patterns with ?, -, %regex% and comparisons in JSON, lines of all streams in the order of time, empty pages.
- ReceiveMessage gives a message to one receiver at a time, and of a FIFO group nothing while something of it is in flight.
- DescribeInstanceStatus with checks that fail, and what clears them.
- Changes of EBS volumes take their time, and come six hours apart.
- Queues keep their policy when another attribute is set, and tell their RedriveAllowPolicy.

moto speaks AWS JSON and the query protocol, not CBOR: a client of CloudWatch that insists on CBOR is only answered by the faulty proxy's own errors.
Metrics start no alarm: the state is set by the test. Policies (IAM, of queues, of topics) are not enforced.
No event goes to the target of a rule twice, nor out of order.
"""

from __future__ import annotations

from .environment import ACCOUNT, REGION, environment_of
from .faults import Fault
from .faulty import FaultyProxy, faulty
from .running import RunningAws, running_aws

__all__ = ["ACCOUNT", "REGION", "Fault", "FaultyProxy", "RunningAws", "environment_of", "faulty", "running_aws"]
