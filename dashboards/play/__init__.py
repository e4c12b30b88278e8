"""Play: a class becomes a region. Phones are enterprises, colleges, governments and student bodies; the model's agents
play every seat that is empty.

pay.py    the one door to the model's economy: what contracts pay whom, what its agents would do, why tables fail
table.py  a table: offers, acceptance, walking away; people and the model's agents by the same messages
world.py  the model's world, stopped where people decide
game.py   the game: seats, rounds, moves; the same entries give the same game
room.py   who is connected, the clock, the journal; serving.py: pages and sockets
"""
