"""Many random cases through the chosen oracles: resumable, in any number of processes, the same every time.

from checks.proof.campaign import campaign
result = campaign(1000, seed=0, oracles=["cheap"], workers=2)
"""

from checks.proof.campaign.oracles import GROUPS, ORACLES, Outcome, look
from checks.proof.campaign.run import Campaign, Interrupted, campaign
from checks.proof.campaign.shrink import regression_test
from checks.proof.campaign.state import Plan, State, UnusableState
from checks.proof.campaign.tally import Tally, upper_bound

__all__ = [
    "GROUPS",
    "ORACLES",
    "Campaign",
    "Interrupted",
    "Outcome",
    "Plan",
    "State",
    "Tally",
    "UnusableState",
    "campaign",
    "look",
    "regression_test",
    "upper_bound",
]
