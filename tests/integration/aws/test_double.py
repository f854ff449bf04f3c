# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The double of AWS does what is documented of AWS where moto does not; asked with real clients."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.eventops.infra.plugins.plugin_utils.adapters.cloudwatch_state import state_of
from ansible_collections.eventops.infra.tests.doubles.aws import running_aws
from ansible_collections.eventops.infra.tests.integration.aws.protocols import client_with
from botocore.exceptions import ClientError

LONG_AGO = datetime(2026, 10, 1, tzinfo=UTC)


def put_alarm(aws, name="web-cpu", region="eu-central-1", account="123456789012", **more):
    settings = {
        "Namespace": "AWS/EC2",
        "MetricName": "CPUUtilization",
        "Dimensions": [{"Name": "InstanceId", "Value": "i-12345678901234567"}],
        "Statistic": "Average",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 80.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    aws.client("cloudwatch", region, account).put_metric_alarm(AlarmName=name, **{**settings, **more})


def history(aws, page=None, **wanted):
    """Return all entries of the history, page by page."""
    pages = aws.client("cloudwatch").get_paginator("describe_alarm_history").paginate(**wanted, PaginationConfig={"PageSize": page} if page else {})
    return [item for each in pages for item in each["AlarmHistoryItems"]]


def bodies(aws, url):
    """Return the bodies of all messages in a queue."""
    found = []
    while messages := aws.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(message["Body"]) for message in messages]
    return found


@pytest.fixture
def queue(aws):
    url = aws.client("sqs").create_queue(QueueName="events")["QueueUrl"]
    return url, aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def send_to(aws, arn, pattern, name="alarms"):
    aws.client("events").put_rule(Name=name, EventPattern=json.dumps(pattern))
    aws.client("events").put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])


# Alarms


def test_an_alarm_begins_without_data_and_a_changed_one_keeps_its_state(aws):
    put_alarm(aws)
    assert state(aws)["StateValue"] == "INSUFFICIENT_DATA"
    aws.alarm("web-cpu", "ALARM")
    put_alarm(aws, Threshold=90.0)
    assert (state(aws)["StateValue"], state(aws)["Threshold"]) == ("ALARM", 90.0)
    assert state(aws)["StateTransitionedTimestamp"] == state(aws)["StateUpdatedTimestamp"]


def state(aws, name="web-cpu"):
    return aws.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]


def test_alarms_come_in_pages_and_composite_ones_only_when_asked_for(aws):
    for number in range(120):
        put_alarm(aws, f"cpu-{number:03}")
    aws.client("cloudwatch").put_composite_alarm(AlarmName="all", AlarmRule="ALARM(cpu-000)")
    first = aws.client("cloudwatch").describe_alarms()
    assert (len(first["MetricAlarms"]), first["CompositeAlarms"]) == (50, [])
    pages = list(aws.client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmTypes=["MetricAlarm", "CompositeAlarm"]))
    names = [alarm["AlarmName"] for page in pages for kind in ("CompositeAlarms", "MetricAlarms") for alarm in page[kind]]
    assert names == ["all", *(f"cpu-{number:03}" for number in range(120))]


def test_a_composite_alarm_follows_those_in_its_rule(aws, queue):
    url, arn = queue
    send_to(aws, arn, {"source": ["aws.cloudwatch"], "detail": {"alarmName": ["both"]}})
    for name in ("cpu", "a memory"):
        put_alarm(aws, name)
        aws.alarm(name, "OK")
    aws.client("cloudwatch").put_composite_alarm(AlarmName="both", AlarmRule='ALARM(cpu) AND (ALARM("a memory") OR NOT OK("a memory"))')
    aws.alarm("cpu", "ALARM")
    aws.alarm("a memory", "ALARM")
    aws.alarm("cpu", "OK")
    events = bodies(aws, url)
    assert [event["detail"]["state"]["value"] for event in events] == ["OK", "ALARM", "OK"]
    assert "alarm:a memory transitioned to ALARM at" in events[1]["detail"]["state"]["reason"]
    assert state_of(events[1]).name == "both"


def test_a_page_that_is_too_large_is_refused(aws):
    for ask in (
        aws.client("cloudwatch").describe_alarms,
        aws.client("cloudwatch").describe_alarm_history,
        aws.client("autoscaling").describe_scaling_activities,
    ):
        with pytest.raises(ClientError, match="ValidationError"):
            ask(MaxRecords=101)


def test_names_of_alarms_and_a_prefix_do_not_go_together(aws):
    with pytest.raises(ClientError, match="ValidationError"):
        aws.client("cloudwatch").describe_alarms(AlarmNames=["a"], AlarmNamePrefix="a")


def test_a_composite_alarm_about_nothing_is_refused(aws):
    with pytest.raises(ClientError, match="nobody is no alarm"):
        aws.client("cloudwatch").put_composite_alarm(AlarmName="all", AlarmRule="ALARM(nobody)")


def test_filters_of_alarms_are_combined(aws):
    for name in ("web-1", "web-2", "db-1"):
        put_alarm(aws, name)
        aws.alarm(name, "OK")
    aws.alarm("web-2", "ALARM")
    aws.alarm("db-1", "ALARM")
    found = aws.client("cloudwatch").describe_alarms(AlarmNamePrefix="web-", StateValue="ALARM")["MetricAlarms"]
    assert [alarm["AlarmName"] for alarm in found] == ["web-2"]


@pytest.mark.parametrize("protocol", ["json", "query"])
def test_the_added_call_answers_in_both_protocols_of_moto(aws, protocol):
    put_alarm(aws)
    aws.alarm("web-cpu", "ALARM", value=95.5)
    client = client_with(protocol, aws.url)
    assert [item["HistoryItemType"] for item in client.describe_alarm_history(AlarmName="web-cpu")["AlarmHistoryItems"]] == [
        "StateUpdate",
        "ConfigurationUpdate",
    ]
    with pytest.raises(ClientError, match="InvalidNextToken"):
        client.describe_alarm_history(NextToken="nobody")


def test_the_history_tells_both_states_of_a_change(aws):
    put_alarm(aws)
    aws.alarm("web-cpu", "OK", reason="calm")
    aws.alarm("web-cpu", "ALARM", value=95.5)
    newest = history(aws, HistoryItemType="StateUpdate")[0]
    told = json.loads(newest["HistoryData"])
    assert (newest["AlarmName"], newest["AlarmType"], newest["HistorySummary"]) == ("web-cpu", "MetricAlarm", "Alarm updated from OK to ALARM")
    assert told["oldState"] == {"stateValue": "OK", "stateReason": "calm"}
    assert told["newState"]["stateValue"] == "ALARM"
    assert told["newState"]["stateReasonData"]["recentDatapoints"] == [95.5]
    assert newest["Timestamp"] == state(aws)["StateUpdatedTimestamp"]


def test_a_state_that_stays_the_same_is_no_change(aws):
    put_alarm(aws)
    aws.alarm("web-cpu", "ALARM")
    aws.alarm("web-cpu", "ALARM", reason="again")
    assert len(history(aws, HistoryItemType="StateUpdate")) == 1


def test_the_history_comes_in_pages_in_both_directions_without_gaps(aws):
    aws.add_history([changed("web-cpu", minutes) for minutes in range(250)])
    for scan in ("TimestampAscending", "TimestampDescending"):
        found = [item["Timestamp"] for item in history(aws, page=100, AlarmName="web-cpu", ScanBy=scan)]
        assert len(found) == 250
        assert found == sorted(found, reverse=scan == "TimestampDescending")
    assert aws.calls()["DescribeAlarmHistory"] == 6


def changed(name, minutes, **more):
    return {"name": name, "time": (LONG_AGO + timedelta(minutes=minutes)).isoformat(), "old": "OK", "new": "ALARM", **more}


def test_what_comes_while_pages_are_read_moves_no_page(aws):
    aws.add_history([changed("web-cpu", minutes) for minutes in range(10)])
    client = aws.client("cloudwatch")
    first = client.describe_alarm_history(MaxRecords=5, ScanBy="TimestampAscending")
    aws.add_history([changed("late", 0), changed("new", 11)])
    second = client.describe_alarm_history(MaxRecords=10, ScanBy="TimestampAscending", NextToken=first["NextToken"])
    assert [item["AlarmName"] for item in second["AlarmHistoryItems"]] == ["web-cpu"] * 5 + ["new"]


def test_the_history_is_filtered_by_time_kind_and_alarm(aws):
    aws.add_history([changed("a", 1), changed("a", 2), changed("b", 2), changed("a", 3), changed("c", 2, alarm_type="CompositeAlarm")])
    at = LONG_AGO + timedelta(minutes=2)
    assert [item["AlarmName"] for item in history(aws, StartDate=at, EndDate=at)] == ["b", "a"]
    assert [item["AlarmName"] for item in history(aws, AlarmTypes=["CompositeAlarm"])] == ["c"]
    assert len(history(aws, AlarmName="a", StartDate=at)) == 2


def test_the_history_shows_some_entries_late(aws):
    aws.add_history([changed("late", 1, visible_in=3600), changed("now", 2)])
    assert [item["AlarmName"] for item in history(aws)] == ["now"]


def test_the_history_outlives_the_alarm(aws):
    put_alarm(aws)
    aws.client("cloudwatch").delete_alarms(AlarmNames=["web-cpu"])
    assert len(history(aws, AlarmName="web-cpu")) == 1


# What follows from an alarm


def test_an_alarm_reaches_a_queue_through_eventbridge_as_documented(aws, queue):
    url, arn = queue
    send_to(aws, arn, {"source": ["aws.cloudwatch"], "detail": {"state": {"value": ["ALARM"]}}})
    put_alarm(aws, AlarmDescription="<id> {{ not filled in }}")
    aws.alarm("web-cpu", "ALARM", value=95.5)
    aws.alarm("web-cpu", "OK", value=1.0)  # the pattern does not want it
    (event,) = bodies(aws, url)
    assert (event["detail-type"], event["account"], event["region"]) == ("CloudWatch Alarm State Change", "123456789012", "eu-central-1")
    assert event["detail"]["configuration"]["description"] == "<id> {{ not filled in }}"
    read = state_of(event)
    assert (read.name, read.state, read.value, dict(read.labels)["InstanceId"]) == ("web-cpu", "ALARM", 95.5, "i-12345678901234567")


def test_an_alarm_reaches_a_queue_through_its_topic_with_the_same_fingerprint(aws, queue):
    url, arn = queue
    topic = aws.client("sns").create_topic(Name="alarms")["TopicArn"]
    aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    send_to(aws, arn, {"source": ["aws.cloudwatch"]})
    put_alarm(aws, AlarmActions=[topic])
    aws.alarm("web-cpu", "ALARM", value=95.5)
    event, notification = sorted(bodies(aws, url), key=lambda body: "Type" in body)
    assert notification["Subject"] == 'ALARM: "web-cpu" in EU (Frankfurt)'
    assert state_of(json.loads(notification["Message"])).fingerprint == state_of(event).fingerprint
    assert [item["HistoryItemType"] for item in history(aws)] == ["Action", "StateUpdate", "ConfigurationUpdate"]


def test_an_alarm_whose_actions_are_switched_off_still_has_its_event(aws, queue):
    url, arn = queue
    topic = aws.client("sns").create_topic(Name="alarms")["TopicArn"]
    aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    send_to(aws, arn, {"source": ["aws.cloudwatch"]})
    put_alarm(aws, AlarmActions=[topic], ActionsEnabled=False)
    aws.alarm("web-cpu", "ALARM")
    assert ["Type" in body for body in bodies(aws, url)] == [False]


def test_a_rule_that_is_disabled_delivers_nothing(aws, queue):
    url, arn = queue
    send_to(aws, arn, {"source": ["aws.ec2"]})
    aws.client("events").disable_rule(Name="alarms")
    aws.event("aws.ec2", "EC2 Instance State-change Notification", {"instance-id": "i-1", "state": "stopped"})
    assert bodies(aws, url) == []


def test_what_no_queue_takes_goes_to_the_queue_for_dead_letters(aws, queue):
    url, arn = queue
    aws.client("events").put_rule(Name="ec2", EventPattern=json.dumps({"source": ["aws.ec2"]}))
    gone = {"Id": "gone", "Arn": arn.replace("events", "gone"), "DeadLetterConfig": {"Arn": arn}}
    aws.client("events").put_targets(Rule="ec2", Targets=[gone])
    aws.event("aws.ec2", "EC2 Instance State-change Notification", {"instance-id": "i-1", "state": "stopped"})
    assert [body["detail"]["state"] for body in bodies(aws, url)] == ["stopped"]


# Auto Scaling


@pytest.fixture
def group(aws):
    ec2 = aws.client("ec2")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData={"ImageId": image, "InstanceType": "t3.micro"})
    aws.client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="web", LaunchTemplate={"LaunchTemplateName": "web"}, MinSize=1, MaxSize=4, DesiredCapacity=2, AvailabilityZones=["eu-central-1a"]
    )
    return aws.client("autoscaling")


def lifecycle(client):
    (found,) = client.describe_auto_scaling_groups(AutoScalingGroupNames=["web"])["AutoScalingGroups"]
    return [instance["LifecycleState"] for instance in found["Instances"]]


def activities(client):
    return client.describe_scaling_activities(AutoScalingGroupName="web")["Activities"]


def test_a_group_grows_with_activities_that_take_their_time(aws, group, eventually):
    aws.set_groups(warm_up=1.0)
    group.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=3)
    assert lifecycle(group) == ["InService", "InService", "Pending"]
    assert [each["StatusCode"] for each in activities(group)] == ["InProgress", "Successful", "Successful"]
    assert activities(group)[0]["Description"].startswith("Launching a new EC2 instance: i-")
    group.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=3)  # what is pending is not launched twice
    assert len(lifecycle(group)) == 3
    eventually(lambda: lifecycle(group) == ["InService"] * 3 and activities(group)[0]["StatusCode"] == "Successful")


def test_a_group_shrinks_with_activities_that_take_their_time(aws, group, eventually):
    aws.set_groups(terminate=1.0)
    group.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=1)
    assert lifecycle(group) == ["InService", "Terminating"]
    assert (activities(group)[0]["StatusCode"], activities(group)[0]["Description"][:11]) == ("InProgress", "Terminating")
    eventually(lambda: lifecycle(group) == ["InService"] and activities(group)[0]["StatusCode"] == "Successful")


def test_a_group_tells_of_an_instance_that_is_put_on_standby_and_taken_from_there(group):
    (found,) = group.describe_auto_scaling_groups()["AutoScalingGroups"]
    one = found["Instances"][0]["InstanceId"]
    group.enter_standby(AutoScalingGroupName="web", InstanceIds=[one], ShouldDecrementDesiredCapacity=True)
    assert sorted(lifecycle(group)) == ["InService", "Standby"]
    assert activities(group)[0]["Description"] == f"Moving EC2 instance to Standby: {one}"
    assert activities(group)[0]["Cause"].endswith("shrinking the capacity from 2 to 1.")
    group.exit_standby(AutoScalingGroupName="web", InstanceIds=[one])
    assert activities(group)[0]["Description"] == f"Moving EC2 instance out of Standby: {one}"


def test_a_group_tells_of_an_instance_that_it_was_told_to_end_and_of_the_one_that_comes_instead(group):
    (found,) = group.describe_auto_scaling_groups()["AutoScalingGroups"]
    one = found["Instances"][0]["InstanceId"]
    group.terminate_instance_in_auto_scaling_group(InstanceId=one, ShouldDecrementDesiredCapacity=False)
    newest, before = activities(group)[:2]
    assert newest["Description"].startswith("Launching a new EC2 instance: i-")
    assert before["Description"] == f"Terminating EC2 instance: {one}"
    assert len(lifecycle(group)) == 2


def test_a_group_that_gets_no_instance_tells_why(aws, group):
    aws.set_groups(launches_fail="We currently do not have sufficient capacity.")
    group.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=3)
    assert (activities(group)[0]["StatusCode"], activities(group)[0]["StatusMessage"]) == ("Failed", "We currently do not have sufficient capacity.")
    assert len(lifecycle(group)) == 2


def test_a_group_keeps_protected_instances_and_tells(aws, group):
    (found,) = group.describe_auto_scaling_groups()["AutoScalingGroups"]
    ids = [instance["InstanceId"] for instance in found["Instances"]]
    group.set_instance_protection(AutoScalingGroupName="web", InstanceIds=ids, ProtectedFromScaleIn=True)
    group.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=1)
    assert len(lifecycle(group)) == 2
    assert "protected from scale in" in activities(group)[0]["StatusMessage"]


@pytest.mark.parametrize("capacity", [0, 5])
def test_a_group_refuses_what_is_outside_its_bounds(group, capacity):
    with pytest.raises(ClientError, match="ValidationError"):
        group.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=capacity)
    assert len(lifecycle(group)) == 2


def test_a_group_honours_its_cooldown_when_it_is_asked_to(group):
    group.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=3)
    with pytest.raises(ClientError, match="ScalingActivityInProgress"):
        group.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=4, HonorCooldown=True)


def test_a_group_that_is_not_there_is_refused(aws):
    with pytest.raises(ClientError, match="ValidationError"):
        aws.client("autoscaling").set_desired_capacity(AutoScalingGroupName="nobody", DesiredCapacity=1)


def test_an_unhealthy_instance_is_replaced(aws, group):
    (found,) = group.describe_auto_scaling_groups()["AutoScalingGroups"]
    ill = found["Instances"][0]["InstanceId"]
    group.set_instance_health(InstanceId=ill, HealthStatus="Unhealthy")
    (after,) = group.describe_auto_scaling_groups()["AutoScalingGroups"]
    assert ill not in [instance["InstanceId"] for instance in after["Instances"]]
    assert len(after["Instances"]) == 2
    assert aws.client("ec2").describe_instances(InstanceIds=[ill])["Reservations"][0]["Instances"][0]["State"]["Name"] == "terminated"


# Status checks


@pytest.fixture
def instance(aws):
    ec2 = aws.client("ec2")
    return ec2.run_instances(ImageId=ec2.describe_images()["Images"][0]["ImageId"], MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]


def checks(aws, instance):
    (found,) = aws.client("ec2").describe_instance_status(InstanceIds=[instance], IncludeAllInstances=True)["InstanceStatuses"]
    return found["InstanceStatus"]["Status"], found["SystemStatus"]["Status"]


@pytest.mark.parametrize(("cleared_by", "after_reboot", "after_start"), [("reboot", "ok", "ok"), ("stop", "impaired", "ok"), ("never", "impaired", "impaired")])
def test_a_failed_check_is_cleared_by_what_clears_it(aws, instance, cleared_by, after_reboot, after_start):
    ec2 = aws.client("ec2")
    aws.fail_status_check(instance, cleared_by=cleared_by)
    assert checks(aws, instance) == ("impaired", "ok")
    ec2.reboot_instances(InstanceIds=[instance])
    assert checks(aws, instance)[0] == after_reboot
    ec2.stop_instances(InstanceIds=[instance])
    assert checks(aws, instance) == ("not-applicable", "not-applicable")
    ec2.start_instances(InstanceIds=[instance])
    assert checks(aws, instance)[0] == after_start


def test_checks_are_initializing_after_a_start(aws, instance, eventually):
    aws.set_status_checks(initializing=0.5)
    aws.client("ec2").reboot_instances(InstanceIds=[instance])
    assert checks(aws, instance) == ("initializing", "initializing")
    eventually(lambda: checks(aws, instance) == ("ok", "ok"))


# The double itself


def test_accounts_and_regions_are_apart(aws):
    put_alarm(aws, "here")
    put_alarm(aws, "there", region="us-east-1", account="222222222222")
    assert [alarm["AlarmName"] for alarm in aws.client("cloudwatch", "us-east-1", "222222222222").describe_alarms()["MetricAlarms"]] == ["there"]
    aws.alarm("there", "ALARM", region="us-east-1", account="222222222222")
    assert history(aws, HistoryItemType="StateUpdate") == []


def test_a_subprocess_finds_the_double_by_its_environment(aws):
    put_alarm(aws)
    ask = "import boto3; print(boto3.client('cloudwatch').describe_alarms()['MetricAlarms'][0]['AlarmName'])"
    told = subprocess.run([sys.executable, "-c", ask], env={"PATH": os.environ["PATH"], **aws.environment}, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "web-cpu"


def test_it_ends_with_the_process_that_started_it():
    start = "import os, sys; from ansible_collections.eventops.infra.tests.doubles.aws import running_aws\n"
    start += "with running_aws() as aws: print(aws.process.pid, flush=True); os.kill(os.getpid(), 9)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    ended = subprocess.run([sys.executable, "-c", start], env=environment, capture_output=True, text=True, timeout=60, check=False)
    process = int(ended.stdout)
    for _attempt in range(200):
        if not os.path.exists(f"/proc/{process}"):
            return
        subprocess.run(["sleep", "0.05"], check=True)
    raise AssertionError("the server outlived its parent")


def test_two_doubles_run_side_by_side(aws):
    put_alarm(aws)
    with running_aws() as other:
        assert other.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
