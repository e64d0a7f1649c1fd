"""The text that the page on generation learns from. It was written for this course."""

from __future__ import annotations

from typing import Final

TEXT: Final = """
There is a river, and there is a village on each side of it. There is no bridge. There is a ferry, and there is an old
woman who rows it. Her name is Ada, and her cat is called Quill. In the morning Ada opens the door, looks at the sky,
and walks down to the river. The cat walks behind her.

On Monday it rained. The river was high and brown. The miller came down to the river with three sacks of flour. Take
me over, said the miller, and take my flour over too. The river is high, said Ada, and your sacks are heavy. I can
take you and one sack. So she took the miller and one sack over the river, and then she came back and took the other
two. The flour was wet, and the miller was not happy. The cat was dry. The cat had slept under the bench.

On Tuesday it rained again. The river was higher than before. The baker came down to the river with a basket of bread.
Take me over, said the baker, and take my bread over too. The river is very high, said Ada, and the boat is very
small. You can wait here until the rain is over. So the baker waited, and the rain was not over until the evening.
Then they ate the bread. The cat ate the butter.

On Wednesday the sun came out. The river was still high, but the sky was clear. Two children came down to the river
with a goat. Take us over, said the children, and take our goat over too. The goat is big, said Ada, and the boat is
small. I can take the goat first, or I can take you first. So she took the children over the river, and then she came
back for the goat. But the goat had eaten the rope. The cat looked at the goat for a long time.

On Thursday there was a wind from the north. The river was grey and the waves were quick. The teacher came down to the
river with a box of books. Take me over, said the teacher, and take my books over too. The wind is strong, said Ada,
and your box is heavy. I can take you, but the box must wait. So the teacher waited with the box, and read one of the
books to the cat. It was a book about a fox and a goose, and the cat wanted to hear it again.

On Friday it was cold. The river was low and slow, and there was ice on the bench. The doctor came down to the river
with a black bag. Take me over, said the doctor, and take me over quickly. There is a child in the other village, and
she is ill. The river is cold, said Ada, and the night is dark, but I can take you over. So she took the doctor over
the river, and she waited there until the morning. In the morning the child was better. The doctor slept all the way
back, and the cat slept in the black bag.

On Saturday there was a market in the other village. The river was blue and the wind was warm. They all came down to
the river, the miller with his flour, the baker with her bread, the children with the goat, and the teacher with the
box of books. Take us over, they said. The boat is small, said Ada, and you are many. I can take one of you, and then
I can take another. So she took the miller over, and came back, and took the baker over, and came back, and took the
children and the goat and the teacher over, and came back again. In the evening she took them all home, one by one.
The sacks were empty and the basket was full of apples. The cat had a fish.

On Sunday nobody came. The sky was clear and the river was quiet. Ada sat on the bench by the door and looked at the
water. You could sleep all day, she said to the cat, there is nobody to take over. But the cat walked down to the
river and sat in the boat. So Ada took the cat over the river, and then she came back. The wind was warm, and the
water was blue, and the cat looked at the fish all the way.

In the winter the river was white. The ice was so thick that you could walk over it, and nobody needed a ferry. The
miller walked over with his sacks, and the baker walked over with her bread. The children ran over the ice with the
goat, and the goat fell on its nose. Ada sat by the fire and mended the rope. The cat slept under the chair. In the
evening the teacher came with a book, and they read about the fox and the goose again.

In the spring the ice broke in the night. It was as loud as thunder. In the morning the river was high and brown, and
there was a tree in it, and on the tree there was a hen. The hen was cold and wet. Ada took the boat and rowed out to
the tree. Take me over, the hen would have said, but hens do not speak. So she took the hen home and put it in a
basket by the fire. The cat looked at the hen, and the hen looked at the cat. Then they both slept.

In the summer the river was low, and the children walked through the water with the goat. The boat lay in the sun. Ada
gave it a new coat of blue, and she gave the bench a new coat of red. The cat walked over the bench before it was dry.
Now there are red feet on the door, on the box, and on the bag of the doctor, and they will not go away.

In the autumn it rained again. The miller came down to the river with a sack of flour, and the baker came down to the
river with a basket of bread. The river is high, said the miller. The boat is small, said the baker. I know, said Ada,
and I can take you both, for the sack is light and the bread will soon be eaten. So she took the miller and the baker
over the river. The cat sat on the bench, and the hen sat beside the cat. It rained until the evening, and the river
rose, and they were all home before it was dark.
"""
"""Simple sentences with few words, for a small model."""
