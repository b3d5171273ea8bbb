"""Which triangles part the inside from the outside of a cube of eight voxels, for all 256 cubes."""

import numpy as np

from thoracle.core.arrays import IntArray

# What Lewiner's marching cubes make of each cube, as scikit-image 0.26 (BSD-3-Clause) draws them;
# tests/oracle/imaging/texture compares every one. Word n is the cube whose corner (slice, row,
# column), counted 4, 2, 1, is inside where n has that bit; three letters are a triangle.
_CUBES = """
    - bea fca beccef dhb dhaahe bahafhcdhchf dhchfchef idc dbibeiaciaie idffda bedeidefi cibbih
    ciaieaihe afbfhbfih iefhei ekj abjjbk jfkfckaekakc fcjckjcbk hkdkjdebdedj kjhjdhjad
    hkejekejfefacafacbdbcbdhbhe hkjhjfdhfcdf idckje acjijcjikdkikdb aedkdedkijikijf fidkfdbkdjfk
    cebecjijcjikhki ihchjcjacjhk ebakjhfhjhfi hkjfhjihf jlf ejbjlbfabfbl jlaalc jlelbelcb jlfhbd
    dfafdlhldlhjejh cdlhldlhjbjhjba lcdeldhedlej lijidjcfjcjd ejflfjflificdcicdabadabeaef
    idldjldaj lidldbjlbejb cfbjbfbjhlhjhli facjleieleih ajlhalihlbah ejlielhei ekffkl abfblfbkl
    ekakcaklc blcklb lhkhldfdldfbebf klfdkfadfhkd baedhckchckl cdhkchlck likdkikdecedecf
    facbidiblklb daeldekledli lidbldklb likhkiecfceb lgkgfkakfkahchahcggihliggcf
    lgklegelaialaibgbiihgghkebg lihlhk hmk kemeambhmbma fcamkh bhcmchcmfkfmfke bdkkdm eakamkadm
    bakfkakfmcmfmcd dmcmecefcmke hdkdckimkikc imhkhmhkehebabebadcdadcidih ahdhakfkakfmimf
    hdbmkieikief mkikcikbc mkiikckeceac kbaikafiakim imkeikfie jemmeh hmbmabmja jfmcmfmchahchae
    mjfbmfcbfmbh bdedjedmj djadmj ebadfcfdjmjd jfcdjcmjd jimijcecjcedhde dbhciamaiamj haeahdjfmimf
    jgmjhghjbfbjbfdgdffiggimhdg bcecmemjecim acimaijam jgmgembmembiaibiaggfijfggae jfijim
    mlhlfhjkhjhf ebhbeafaejfefjlkljlkmhmkehk cmlmchahchakjka ejklhmhlbcbl bjkjbfdfbfdlmld
    jkelfmamfmad cdlmldjbabjk mgdgkdedkdecjcecjgglcmlggjk icfcidhdimhihmklkmkljfjlifl ejkdbhfaciml
    mlikhjdjhjda dbhjkemli imlkfjfkcbck acfmlijke jgaglaialaibmbibmggkbjkggml limjke lfmfhmfeh
    hmbbmamlalfa ehahlalcahml bhmlbmcbl feledldmldeb mlfamfdma mgdmbgbmelemelagallcggcdbag mlcmcd
    mlifdcdfhehf imlhdbfac agdaigialelalemgmeehgghdimg dbhiml cgbgibmbibmelemelggfecfggli faclim
    aeblim mli lmi beamil icmcammaflmf bicibmembmelfle mhlhbldildlb dialaialemelemh
    flimilimhihdbdhdbcacbcafcfi icdlmfhfmfhe lmccmd dbmembmelalelac lmfmafmda efldelmdledb
    hbmblmbcl healhaclamhl mhbmbalmafla flmhfmefh kmemieljelei aljlaibiaibmkmb
    faeafcicflifilmjmlmjkekjfej ljfmikckikcb hdidhbebhkehekjmjkjmlilmhim hkmjilijdadj hkmcdiebaflj
    cdikmhljf dkmkdecedecjljc kdbdkmacjljc fljmekemadam kgbgjbfbjbfdldfdlggmdkmgglj kmhjelblelbc
    lgcgmchcmchakahakggjaljggkm baeljfkmh jflkmh fjiijm mejembibmbiafai caiamiajm cbemcejmeicm
    mhjbjhjbfdfbfdi faidiamejemh icdahbhamjma mgjgijcjijcedecedgghemhggdi fjcjdcjmd acfbedjdedjm
    jdamdj dbejdemdj jmfmbfbcfbmh mgjmfgfmchcmchagahheggejfag mhbambjma ejmemh mikiekife
    bkakiaifaikm kmikicekcaec kmickibkc kmhibdbiefei dgaghakahakfmfkfmggifdiggmh hkmebaicd icdmhk
    mdcemcfeckme kgbkagakfmfkfmcgcmmdggdbacg aekmakdam dbkdkm cgbchghcmfmcmfkgkffeggebhkg acfhkm
    baehkm mhk ilhhlk kelalelaibiaibh kflfkahakahcich kflfkeichbhc ildlbdlkb adedlelkeldi
    cdiafblbfblk kglkigikdedkdecgceefggflicg dchckhclk hdbceaecklkc lkfkdfdafkhd
    kglghldlhldfbfdfbggefkeggbh lbclkb keackalkc baflbfkbl kefkfl jeleilehi jalahlhilabh
    ljfecaceihie bgcbfgfbjhjbjhlglhhiggicflg ilddlbljbjeb diljdladj fljicdeba cdiflj cldledehdelj
    lgcldgdlhjhlhjbgbjjaggacdbg agdgfdldfdlhjhlhjggehaeggjf fljdbh ljebleclb ljalac fljaeb ljf
    khjhfjhif jkehabahfifh hicjhcajchjk bgcgecjcecjikijikgghibhggke ifdfkdkbdfjk
    dgadegedkikdkijgjiifggfaejg jgajcgcjikijikdgdkkbggbacdg cdiejk khjjhfhdfdcf ejkfachdb
    jkhdjhajd ejkbhd cfjkcjbck acfejk bajbjk kej eifehi fabhfbifh icaeiahie icbibh ebdiedfei
    difdfa aebcdi dic hdcfhcehf cfadbh hdahae hdb ebcecf cfa eba -
"""
_POINTS = [
    (down, row, column)
    for down in range(3)
    for row in range(3)
    for column in range(3)
    if down % 2 + row % 2 + column % 2 in {1, 3}
]  # the middles of the 12 edges and of the cube, in half steps; letters a to m


def _triangles(word: str) -> IntArray:
    places = [_POINTS["abcdefghijklm".index(letter)] for letter in word.strip("-")]
    return np.array(places, np.int64).reshape(-1, 3, 3)


TRIANGLES: tuple[IntArray, ...] = tuple(_triangles(word) for word in _CUBES.split())
"""Of each cube, (triangles, corners, axes) in half steps from its first voxel."""
