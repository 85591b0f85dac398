"""The texts of the pages of prose: a heading and paragraphs, an empty line between them."""

from __future__ import annotations

PROSE = """\
The Harbour at Sallow Point

The harbour wakes before the town does. At half past four the first boats come in on the flood, their
lamps still burning, and the ice house opens its doors. By six the boxes stand in rows along the quay,
cod and haddock on the left, crab and lobster on the right, and the buyers walk between them with their
collars up and their pencils ready.

No bell is rung. The harbour master, a quiet woman of sixty, reads the first lot aloud, and everybody
who has come to buy steps closer. A nod is an offer; two nods are a promise. In 47 minutes the whole
catch is sold, weighed and written down, and the gulls are left to settle their own accounts.

Later in the day the place belongs to the coasters. They carry gravel, timber and fertiliser, and once a
month a ship of 2,950 tonnes comes for the scrap that has piled up behind the rope works. She takes the
pilot at the outer buoy, because the channel bends twice and the sand never lies where the chart says it
should.

In the evening the quay is empty again. Someone hoses down the stones, someone else counts the empty
boxes, and the lamp on the northern mole begins to turn: two short flashes, one long, then twelve
seconds of dark. "If you can count to twelve," the old men say, "you can find your way home."
"""
STORM = """\
Before a Storm

Double every line and lead no two of them to the same ring. Take down awnings, flags and loose covers.
Close the sea cocks, and leave the cabin key with the office.

Boats at berths 11 to 26 must move to the inner basin before the barometer falls below 985. Call channel
12 for a tow; the harbour launch is free of charge until 20:00.
"""
PILOTS = """\
Advice to Visiting Pilots

Approach from the south-east and keep the white tower open of the chapel until the second buoy is abeam.
The bar has 3.4 metres at low water, less after a week of easterly wind.

Speed inside the moles is limited to 4 knots. Wash from passing ships breaks moorings, and whoever
breaks them pays for them.
"""
LETTER = """\
To the Owners of the Cutter Marigold

Dear Sirs, your vessel has lain at berth 9 since the third of March. The dues for the quarter, 412.50 in
all, have not reached us, although we wrote to you twice.

Kindly settle the account within fourteen days, or send your agent to speak with us. After that date we
shall have to move her to the outer wall at your expense.

With the compliments of the Harbour Office, Eleanor Whitby, Treasurer
"""
AUCTION = """\
Auction of Unclaimed Goods

On Saturday the 21st at ten in the morning the Harbour Office sells by auction in shed 4: seven anchors,
two brass lamps, one dinghy without oars, forty fathoms of chain and a crate marked fragile which nobody
has dared to open.

Payment in cash on the day. Goods must leave the shed before dusk.
"""
PACKING = """\
Packing List for Container 7

Twelve crates of ship's biscuit, net weight 240 kg; six drums of linseed oil, 50 litres each; one spare
propeller, bronze, four blades; nine coils of manila rope; three sextants in felt cases.

Stow the oil on the floor and away from the biscuit. Keep the sextants dry and lift them by their
handles only. The seal number is 5583102.
"""
LEFT_COLUMN = """\
For nine years the ferry to Gull Island sailed from a borrowed pontoon. Since Monday she has a berth of
her own. It is made of larch and steel, it is lit at night, and for the first time a wheelchair can roll
aboard at any state of the tide.

The old pontoon goes to the rowing club. Its members had asked for it in 2019 and again last spring,
when theirs sank under the weight of a birthday party.
"""
RIGHT_COLUMN = """\
The fare stays as it was. Children under seven and dogs on a lead travel free, bicycles cost 1.50 each
way. From May the last boat leaves the island at 22:15 instead of 21:40.

Captain Ines Aldous, who has made the crossing some 31,000 times, cut the ribbon with a fish knife.
Asked what she liked best about the new berth, she said that it does not squeak.
"""
LADING = """\
Bill of Lading 20417

Shipped in apparent good order by Norland Timber on board the motor vessel Arcadia, now lying in the
port of Vessby and bound for Kilmore: 340 packages of sawn spruce.
"""
CARRIAGE = """\
Conditions of Carriage

The carrier shall not be liable for delay caused by ice, strike or quarantine. Claims must be made in
writing within three days after delivery.
"""
DELIVERY = """\
Receipt of Delivery

All 340 packages were landed at Kilmore on 9 October and counted twice. Two were wet at one end; the
rest were sound. Signed for the consignee by T. Okafor.
"""


def paragraphs(text: str) -> list[str]:
    """The heading and the paragraphs, each in one line."""
    return [" ".join(each.split()) for each in text.split("\n\n")]
