"""This module posts nothing: it reads what others have booked. The accounts it reads are named here.

Arranged is what was approved and not cut (627 and everything below it, and what the year end carried over or took
back from there, 671 and 672); executed is 661. Releasing, freezing, planning and paying move money between these
accounts and so change nothing in what is arranged.
"""

BOOK = "allotment"
ARRANGED = ("627", "631", "635", "636", "650", "651", "661", "671", "672")
SPENT = "661"
