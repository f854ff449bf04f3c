# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A double of Azure Resource Manager: a small real HTTPS server with the calls for a virtual machine scale set, and the token endpoint of Entra ID.

    from ansible_collections.eventops.infra.tests.doubles.azure import running_azure

    with running_azure(directory) as azure:              # in a thread of its own; the directory gets the certificate of its authority
        web = azure.add_scale_set("web", capacity=3)     # orchestration="Flexible", overprovision, scale_in, health, single_placement_group, tags
        azure.environment                                # for subprocesses: credentials, HTTPS_PROXY and REQUESTS_CA_BUNDLE

Clients ask management.azure.com and login.microsoftonline.com as always: the double is the proxy between, has certificates for both names from an authority
of its own, and lets nothing through to the network. So no setting of a client has to be another than against Azure.

    web.capacity, web.instances, web.names, web.model, web.tags
    web.instance("web_1").protection = {"protectFromScaleIn": True}; .power = "deallocated"; .health = "unhealthy"; .state = "Failed"
    web.seconds = 0.5                                    # that an operation takes
    web.operation_fails = ("AllocationFailed", "text")   # how the next operation ends
    web.state = "Failed"; web.upgrade = "RollingForward"; web.begin()      # somebody else's operation, until web.end()
    azure.add_autoscale("web-cpu", web, enabled=True)
    azure.page_size = 2                                  # instances a page
    azure.allowed = [...]                                # the actions of the role; a call that needs another is answered by 403
    azure.fail(429, retry_after=1, times=2), azure.fail(409, "OperationNotAllowed", "text", methods=("PATCH",)), azure.heal()
    azure.requests                                       # method, path, query, body, action

Written from the REST API's documentation (Compute 2024-07-01, Insights 2022-10-01) and from the models of Microsoft's Python client; nothing of it was
recorded from Azure. What the documentation leaves open is said where it is decided. What a client does not need is not there: such a call is answered by 501.
"""

from __future__ import annotations

from .azure import Azure, Fault, Request
from .instance import Instance
from .running import Running, running_azure
from .scale_set import ScaleSet

__all__ = ["Azure", "Fault", "Instance", "Request", "Running", "ScaleSet", "running_azure"]
