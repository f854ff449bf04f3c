# Copyright: eventops.infra contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What runs in the process of moto's server: the calls and the behaviour that are added to moto, and the door by which a test feeds them."""
