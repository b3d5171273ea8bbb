"""What each feature is called, by which code the IBSI knows it, and its formula in words."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One feature.

    `code` is the IBSI's, None for what the IBSI does not define.
    """

    name: str
    title: str
    family: str
    code: str | None
    formula: str


FAMILIES: Final = MappingProxyType(
    {
        "stat": "First order",
        "ih": "Intensity histogram",
        "shape": "Shape in the plane",
        "morph": "Shape of a volume",
        "cm": "Co-occurrence (GLCM)",
        "rlm": "Run length (GLRLM)",
        "szm": "Size zone (GLSZM)",
        "dzm": "Distance zone (GLDZM)",
        "ngl": "Dependence (GLDM, NGLDM)",
        "ngt": "Tone difference (NGTDM)",
        "lbp": "Local binary patterns",
    }
)
"""Families by the first part of a feature's name."""

_VALUES = """
mean | Mean | Q4LE X6K6 | sum of x / N
var | Variance | ECT3 CH89 | mean of (x − mean)²
skew | Skewness | KE2A 88K1 | mean of (x − mean)³ / variance^1.5
kurt | Excess kurtosis | IPH6 C3I7 | mean of (x − mean)⁴ / variance² − 3
median | Median | Y12H WIFQ | 50th percentile
min | Minimum | 1GSF 1PR8 | smallest x
p10 | 10th percentile | QG58 GPMT | 10th percentile
p90 | 90th percentile | 8DWT OZ0C | 90th percentile
max | Maximum | 84IY 3NCY | largest x
iqr | Interquartile range | SALO WR0O | 75th − 25th percentile
range | Range | 2OJQ 5Z3W | maximum − minimum
mad | Mean absolute deviation | 4FUA D2ZX | mean of abs(x − mean)
rmad | Robust mean absolute deviation | 1128 WRZB | the same between P10 and P90
medad | Median absolute deviation | N72L 4RNL | mean of abs(x − median)
cov | Coefficient of variation | 7TET CWYJ | standard deviation / mean
qcod | Quartile coefficient of dispersion | 9S40 SLWD | (P75 − P25) / (P75 + P25)
"""
_MORE_STATISTICS = """
energy | Energy | N8CA | sum of x²
rms | Root mean square | 5ZWQ | root of the mean of x²
"""
_MORE_HISTOGRAM = """
mode | Mode | AMMC | most frequent level; of several, that nearest to the mean
entropy | Entropy | TLU2 | −sum of p log₂ p over levels
uniformity | Uniformity | BJ5W | sum of p²
max_grad | Maximum histogram gradient | 12CE | largest slope of the counts
max_grad_g | Maximum histogram gradient level | 8E6O | level of that slope
min_grad | Minimum histogram gradient | VQB3 | smallest slope of the counts
min_grad_g | Minimum histogram gradient level | RHQZ | level of that slope
"""
_SHAPE = """
area | Area | - | pixels × pixel area
outline_area | Area inside the outline | - | area inside the line between inside and outside
perimeter | Perimeter | - | length of that line, holes included
circularity | Circularity | - | 4π × area inside the outline / perimeter²; 1 for a disk
major_axis | Major axis length | - | 4 × root of the larger eigenvalue of the pixels' covariance
minor_axis | Minor axis length | - | 4 × root of the smaller one
elongation | Elongation | - | minor / major axis length
diameter | Maximum diameter | - | largest distance between points of the outline
hull_share | Share of the convex hull | - | area inside the outline / area of its convex hull
box_share | Share of the bounding box | - | area inside the outline / area of its upright box
"""
_MORPHOLOGY = """
volume | Volume (mesh) | RNU0 | volume inside the mesh V
vol_approx | Volume (voxels) | YEKZ | voxels × voxel volume
area_mesh | Surface area | C0JK | area of the mesh A
av | Surface to volume ratio | 2PR5 | A / V
comp_1 | Compactness 1 | SKGS | V / (√π A^1.5)
comp_2 | Compactness 2 | BQWJ | 36π V² / A³
sph_dispr | Spherical disproportion | KRCK | A / (36π V²)^⅓
sphericity | Sphericity | QCFX | (36π V²)^⅓ / A
asphericity | Asphericity | 25C7 | (A³ / 36π V²)^⅓ − 1
com | Center of mass shift | KLMA | distance of the voxels' center from that weighted with grey
diam | Maximum diameter | L0JK | largest distance between points of the mesh
pca_maj_axis | Major axis length | TDIC | 4 × root of the voxels' largest covariance eigenvalue
pca_min_axis | Minor axis length | P9VJ | 4 × root of the second eigenvalue
pca_least_axis | Least axis length | 7J51 | 4 × root of the smallest eigenvalue
pca_elongation | Elongation | Q3CK | minor / major axis length
pca_flatness | Flatness | N17B | least / major axis length
vol_dens_aabb | Volume density, upright box | PBX1 | V / volume of the upright bounding box
area_dens_aabb | Area density, upright box | R59B | A / surface of the upright bounding box
vol_dens_aee | Volume density, ellipsoid | 6BDE | V / volume of the ellipsoid of those axes
area_dens_aee | Area density, ellipsoid | RDD2 | A / surface of that ellipsoid, 20 Legendre terms
vol_dens_conv_hull | Volume density, convex hull | R3ER | V / volume of the convex hull
area_dens_conv_hull | Area density, convex hull | 7T7F | A / surface of the convex hull
integ_int | Integrated intensity | 99N0 | V × mean grey
moran_i | Moran's I | N365 | likeness of voxels weighted by 1 / distance, over all pairs
geary_c | Geary's C | NPT7 | squared difference of voxels weighted alike
"""
_COOCCURRENCE = """
joint_max | Joint maximum | GYBY | largest p(i, j)
joint_avg | Joint average | 60VM | mean of i
joint_var | Joint variance | UR99 | variance of i
joint_entr | Joint entropy | TU9B | −sum of p log₂ p
diff_avg | Difference average | TF7R | mean of abs(i − j)
diff_var | Difference variance | D3YU | variance of abs(i − j)
diff_entr | Difference entropy | NTRS | entropy of abs(i − j)
sum_avg | Sum average | ZGXS | mean of i + j
sum_var | Sum variance | OEEB | variance of i + j
sum_entr | Sum entropy | P6QZ | entropy of i + j
energy | Angular second moment | 8ZQL | sum of p²
contrast | Contrast | ACUI | mean of (i − j)²
dissimilarity | Dissimilarity | 8S9J | mean of abs(i − j)
inv_diff | Inverse difference | IB1Z | mean of 1 / (1 + abs(i − j))
inv_diff_norm | Inverse difference, normalized | NDRX | mean of 1 / (1 + abs(i − j) / levels)
inv_diff_mom | Inverse difference moment | WF0Z | mean of 1 / (1 + (i − j)²)
inv_diff_mom_norm | Inverse difference moment, normalized | 1QCO | mean of 1/(1 + (i − j)²/levels²)
inv_var | Inverse variance | E8JP | sum of p / (i − j)² where i ≠ j
corr | Correlation | NI2N | (mean of i j − mean²) / variance of i
auto_corr | Autocorrelation | QWB0 | mean of i j
clust_tend | Cluster tendency | DG8W | mean of (i + j − 2 mean)²
clust_shade | Cluster shade | 7NFM | mean of (i + j − 2 mean)³
clust_prom | Cluster prominence | AE86 | mean of (i + j − 2 mean)⁴
info_corr1 | Information correlation 1 | R8DG | (H(i, j) − 2 H(i)) / H(i)
info_corr2 | Information correlation 2 | JN9H | √(1 − exp(−2 (2 H(i) − H(i, j))))
"""
_RUNS = """
sre | Short runs emphasis | 22OV | mean of 1 / j²
lre | Long runs emphasis | W4KF | mean of j²
lgre | Low grey level run emphasis | V3SW | mean of 1 / i²
hgre | High grey level run emphasis | G3QZ | mean of i²
srlge | Short run low grey level emphasis | HTZT | mean of 1 / (i² j²)
srhge | Short run high grey level emphasis | GD3A | mean of i² / j²
lrlge | Long run low grey level emphasis | IVPO | mean of j² / i²
lrhge | Long run high grey level emphasis | 3KUM | mean of i² j²
glnu | Grey level non-uniformity | R5YN | sum over i of (runs of i)² / runs
glnu_norm | Grey level non-uniformity, normalized | OVBL | the same / runs
rlnu | Run length non-uniformity | W92Y | sum over j of (runs of j)² / runs
rlnu_norm | Run length non-uniformity, normalized | IC23 | the same / runs
r_perc | Run percentage | 9ZK5 | runs / voxels
gl_var | Grey level variance | 8CE5 | variance of i
rl_var | Run length variance | SXLW | variance of j
rl_entr | Run entropy | HJ9O | −sum of p log₂ p
"""
_SIZE_ZONES = """
sze | Small zone emphasis | 5QRC | mean of 1 / j²
lze | Large zone emphasis | 48P8 | mean of j²
lgze | Low grey level zone emphasis | XMSY | mean of 1 / i²
hgze | High grey level zone emphasis | 5GN9 | mean of i²
szlge | Small zone low grey level emphasis | 5RAI | mean of 1 / (i² j²)
szhge | Small zone high grey level emphasis | HW1V | mean of i² / j²
lzlge | Large zone low grey level emphasis | YH51 | mean of j² / i²
lzhge | Large zone high grey level emphasis | J17V | mean of i² j²
glnu | Grey level non-uniformity | JNSA | sum over i of (zones of i)² / zones
glnu_norm | Grey level non-uniformity, normalized | Y1RO | the same / zones
zsnu | Zone size non-uniformity | 4JP3 | sum over j of (zones of j)² / zones
zsnu_norm | Zone size non-uniformity, normalized | VB3A | the same / zones
z_perc | Zone percentage | P30P | zones / voxels
gl_var | Grey level variance | BYLV | variance of i
zs_var | Zone size variance | 3NSA | variance of j
zs_entr | Zone size entropy | GU8N | −sum of p log₂ p
"""
_DISTANCE_ZONES = """
sde | Small distance emphasis | 0GBI | mean of 1 / d²
lde | Large distance emphasis | MB4I | mean of d²
lgze | Low grey level zone emphasis | S1RA | mean of 1 / i²
hgze | High grey level zone emphasis | K26C | mean of i²
sdlge | Small distance low grey level emphasis | RUVG | mean of 1 / (i² d²)
sdhge | Small distance high grey level emphasis | DKNJ | mean of i² / d²
ldlge | Large distance low grey level emphasis | A7WM | mean of d² / i²
ldhge | Large distance high grey level emphasis | KLTH | mean of i² d²
glnu | Grey level non-uniformity | VFT7 | sum over i of (zones of i)² / zones
glnu_norm | Grey level non-uniformity, normalized | 7HP3 | the same / zones
zdnu | Zone distance non-uniformity | V294 | sum over d of (zones of d)² / zones
zdnu_norm | Zone distance non-uniformity, normalized | IATH | the same / zones
z_perc | Zone percentage | VIWW | zones / voxels
gl_var | Grey level variance | QK93 | variance of i
zd_var | Zone distance variance | 7WT1 | variance of d
zd_entr | Zone distance entropy | GBDU | −sum of p log₂ p
"""
_DEPENDENCES = """
lde | Low dependence emphasis | SODN | mean of 1 / k²
hde | High dependence emphasis | IMOQ | mean of k²
lgce | Low grey level count emphasis | TL9H | mean of 1 / i²
hgce | High grey level count emphasis | OAE7 | mean of i²
ldlge | Low dependence low grey level emphasis | EQ3F | mean of 1 / (i² k²)
ldhge | Low dependence high grey level emphasis | JA6D | mean of i² / k²
hdlge | High dependence low grey level emphasis | NBZI | mean of k² / i²
hdhge | High dependence high grey level emphasis | 9QMG | mean of i² k²
glnu | Grey level non-uniformity | FP8K | sum over i of (voxels of i)² / voxels
glnu_norm | Grey level non-uniformity, normalized | 5SPA | the same / voxels
dcnu | Dependence count non-uniformity | Z87G | sum over k of (voxels of k)² / voxels
dcnu_norm | Dependence count non-uniformity, normalized | OKJI | the same / voxels
dc_perc | Dependence count percentage | 6XV8 | counts / voxels, always 1
gl_var | Grey level variance | 1PFV | variance of i
dc_var | Dependence count variance | DNX2 | variance of k
dc_entr | Dependence count entropy | FCBV | −sum of p log₂ p
dc_energy | Dependence count energy | CAS9 | sum of p²
"""
_TONES = """
coarseness | Coarseness | QCDE | 1 / sum of p(i) s(i)
contrast | Contrast | 65HE | mean of (i − j)² over pairs of levels × sum of s / voxels
busyness | Busyness | NQ30 | sum of p s / sum over pairs of abs(i p(i) − j p(j))
complexity | Complexity | HDEZ | sum over pairs of abs(i − j) (p s + p s) / (p + p) / voxels
strength | Strength | 1X9X | sum over pairs of (p + p) (i − j)² / sum of s
"""


def _rows(family: str, table: str, *, code: int = 0) -> list[Feature]:
    found = []
    for line in table.strip().splitlines():
        name, title, codes, formula = (part.strip() for part in line.split(" | "))
        one = codes.split()[code]
        found.append(
            Feature(
                name=f"{family}_{name}",
                title=title,
                family=family,
                code=None if one == "-" else one,
                formula=formula,
            )
        )
    return found


def _patterns() -> list[Feature]:
    found = []
    for number in range(10):
        of = f"{number} bright neighbors side by side" if number < 9 else "all other patterns"
        found.append(
            Feature(
                name=f"lbp_{number}",
                title=f"Pattern {number}",
                family="lbp",
                code=None,
                formula=f"share of pixels: {of}",
            )
        )
    return found


FEATURES: Final = MappingProxyType(
    {
        feature.name: feature
        for rows in (
            _rows("stat", _VALUES),
            _rows("stat", _MORE_STATISTICS),
            _rows("ih", _VALUES, code=1),
            _rows("ih", _MORE_HISTOGRAM),
            _rows("shape", _SHAPE),
            _rows("morph", _MORPHOLOGY),
            _rows("cm", _COOCCURRENCE),
            _rows("rlm", _RUNS),
            _rows("szm", _SIZE_ZONES),
            _rows("dzm", _DISTANCE_ZONES),
            _rows("ngl", _DEPENDENCES),
            _rows("ngt", _TONES),
            _patterns(),
        )
        for feature in rows
    }
)
"""Every feature by its name."""
