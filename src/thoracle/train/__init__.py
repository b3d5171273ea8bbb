"""Everything that needs torch: recipes, networks, the loop, export."""

from thoracle.train.operators import declare_missing_operators

declare_missing_operators()  # before any module of this package imports lightning or timm
